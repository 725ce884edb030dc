import Testing

@testable import Decoders

private let streams = corpusFiles("sml", type: "bin")

/// Streams of real meters, where a folder of them lies beside the repository.
@Suite(.enabled(if: !streams.isEmpty)) struct SMLCorpusTests {
  private static func readings(_ stream: [UInt8], piece: Int = .max) -> [[Reading]] {
    SMLBuilder.decoded(stream, piece: piece).readings
  }

  @Test("a stream in pieces gives the same readings, and doubled twice as many", arguments: streams.map(\.name))
  func pieces(name: String) throws {
    let stream = try #require(streams.first { $0.name == name }).bytes
    let whole = Self.readings(stream)
    #expect(!whole.isEmpty)
    for piece in [1, 3, 64] { #expect(Self.readings(stream, piece: piece) == whole) }
    #expect(Self.readings(stream + stream).count >= 2 * whole.count)
  }

  @Test("a stream that is cut anywhere gives the same readings up to there", arguments: streams.map(\.name))
  func cuts(name: String) throws {
    let stream = try #require(streams.first { $0.name == name }).bytes.prefix(1500)
    let whole = Self.readings(Array(stream))
    for cut in stride(from: 1, to: stream.count, by: 7) {
      let decoded = SMLBuilder.decoded(Array(stream.prefix(cut)))
      #expect(decoded.framed.flatMap(\.bytes) == Array(stream.prefix(cut)))
      #expect(whole.starts(with: decoded.readings))
    }
  }
}
