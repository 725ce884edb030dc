import Testing

private let telegrams = corpusFiles("p1", type: "txt").map {
  Sample(meterProtocol: .p1, name: $0.name, bytes: $0.bytes)
}

/// Telegrams of real meters, where a folder of them lies beside the repository.
@Suite(.enabled(if: !telegrams.isEmpty)) struct P1CorpusTests {
  @Test("a real telegram is read whole, in pieces and between its neighbours", arguments: telegrams)
  func decodes(_ sample: Sample) {
    sample.verifyPieces()
    sample.verifyNeighbours()
  }

  @Test("a real telegram that is cut or damaged is not another telegram", arguments: telegrams)
  func damaged(_ sample: Sample) {
    sample.verifyCuts()
    sample.verifyFlips { [1 << UInt8($0 % 8)] }
  }
}
