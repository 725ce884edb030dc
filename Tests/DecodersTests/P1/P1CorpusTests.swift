import Foundation
import Testing

@testable import Decoders

/// Telegrams of real meters, where a folder of them lies beside the repository.
private struct CorpusFile: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  var testDescription: String { name }

  static let all: [CorpusFile] = {
    let folder = URL(filePath: #filePath).appending(path: "../../../../shared/corpus/p1").standardizedFileURL
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.compactMap { file in
      (try? Data(contentsOf: file)).map { CorpusFile(name: file.lastPathComponent, bytes: Array($0)) }
    }
  }()
}

@Test(.enabled(if: !CorpusFile.all.isEmpty), arguments: CorpusFile.all)
private func realTelegramsWholeInPiecesGluedCutAndFlipped(_ file: CorpusFile) throws {
  let bytes = file.bytes
  let whole = try #require(try P1Sample.telegrams(bytes).first)
  verifyShapes(P1Framer(), bytes, expected: [bytes])
  verifyShapes(P1Framer(), P1Sample.dutch5.bytes + bytes + bytes, expected: [P1Sample.dutch5.bytes, bytes, bytes])
  for length in 0..<bytes.count {
    for telegram in try P1Sample.telegrams(Array(bytes.prefix(length))) { #expect(telegram.readings == whole.readings) }
  }
  let hasChecksum = bytes.dropLast(2).last != 0x21
  for index in bytes.indices {
    var flipped = bytes
    flipped[index] ^= 1 << UInt8(index % 8)
    let telegrams = try P1Sample.telegrams(flipped)
    if hasChecksum { #expect(telegrams.allSatisfy { $0.readings == whole.readings }, "byte \(index)") }
  }
}
