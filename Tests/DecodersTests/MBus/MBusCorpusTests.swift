import Testing

@testable import Decoders

private let telegrams = corpusFiles("mbus", type: "hex").compactMap { file in
  Hexadecimal.bytes(file.bytes).map { Sample(meterProtocol: .mbus, name: file.name, bytes: $0) }
}

/// Telegrams of real meters, where a folder of them lies beside the repository.
@Suite(.enabled(if: !telegrams.isEmpty)) struct MBusCorpusTests {
  @Test("a real telegram decodes without an issue", arguments: telegrams)
  func decodes(_ sample: Sample) throws {
    #expect(try MBusBuilder.decoded(sample.bytes).get().issues.isEmpty)
    sample.verifyPieces()
    sample.verifyNeighbours()
  }

  @Test("a real telegram that is cut or damaged is an error", arguments: telegrams)
  func damaged(_ sample: Sample) {
    sample.verifyCuts()
    sample.verifyFlips { [1 << UInt8($0 & 7)] }
  }

  @Test("any bit behind a good checksum traps nothing", arguments: telegrams)
  func content(_ sample: Sample) { sample.verifyContent { [$0 ^ 0x80] } }
}
