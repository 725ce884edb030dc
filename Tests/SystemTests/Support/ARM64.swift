import Foundation
import Testing
import TestSupport

@testable import Decoders

/// The program for arm64 on this machine, in qemu: `Scripts/on-arm64.sh`.
enum ARM64 {
  static let program = repository.appending(path: "Scripts/on-arm64.sh").path

  /// On arm64 it is the program of all tests.
  static var isForeign: Bool {
    #if arch(arm64)
      false
    #else
      true
    #endif
  }
}

/// A file of `Tests/Samples` as `decode` is asked about it.
struct SampleFile: Sendable, CustomTestStringConvertible {
  let meterProtocol: String
  let path: String

  var testDescription: String { "\(meterProtocol)/\(URL(filePath: path).lastPathComponent)" }

  static let all: [SampleFile] = {
    let folder = repository.appending(path: "Tests/Samples")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix(".sample") }.sorted().map {
      SampleFile(meterProtocol: String($0.prefix { $0 != "/" }), path: folder.appending(path: $0).path)
    }
  }()

  /// The words of the command behind `decode`; the telegram is written to a file of the folder.
  func words(in folder: TemporaryFolder) throws -> [String] {
    var words = ["decode", "--format", "json", "--protocol", meterProtocol]
    var telegram: [UInt8] = []
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.trimmingPrefix(" ") }
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "telegram": telegram += try #require(Hexadecimal.bytes(parts[1].utf8))
      case "text": telegram += Array("\(parts[1])\r\n".utf8)
      case "key", "auth-key", "set": words += ["--\(parts[0])", String(parts[1])]
      default: break
      }
    }
    try folder.write(telegram, to: "telegram")
    return words + [folder.path("telegram")]
  }
}
