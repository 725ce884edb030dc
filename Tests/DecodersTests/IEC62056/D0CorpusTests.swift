import Testing

/// Those that are one readout and nothing else.
private let readouts = corpusFiles("d0", type: "txt")
  .map { Sample(meterProtocol: .d0, name: $0.name, bytes: $0.bytes) }.filter { $0.frame.count == $0.bytes.count }

/// Readouts in the forms of makers' manuals, where a folder of them lies beside the repository.
@Suite(.enabled(if: !readouts.isEmpty)) struct D0CorpusTests {
  @Test("a readout that is cut or damaged is not another readout", arguments: readouts)
  func damaged(_ sample: Sample) {
    sample.verifyCuts()
    sample.verifyFlips { [1 << UInt8($0 % 8)] }
  }
}
