import Decoders
import Foundation
import Testing
import TestSupport

@testable import Meters

/// Commands of others, which lie beside the repository, or nowhere: their bytes, and what they are.
private let folder = repository.appending(path: "../shared/corpus/mbus-commands").standardizedFileURL
private let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
  .filter { $0.hasSuffix(".hex") }.map { String($0.dropLast(4)) }.sorted()

private func named(by description: [String: Any], _ records: [UInt8]) -> MBusCommand? {
  switch description["subType"] as? String {
  case "application reset": .applicationReset(0x10 | UInt8(description["subTelegram"] as? Int ?? 0))
  case "synchronize action": .synchronize
  case "set baudrate": MBusCommand(baudRate: description["baudrate"] as? Int ?? 0)
  case "send user data": .records(records)
  default: nil
  }
}

@Test("the commands of the corpus are ours, byte for byte", .enabled(if: !names.isEmpty), arguments: names)
private func corpusCommand(name: String) throws {
  let file = folder.appending(path: name)
  let text = try String(contentsOf: file.appendingPathExtension("hex"), encoding: .utf8)
  let bytes = try #require(Hexadecimal.bytes(Array(text.utf8.filter { $0 > 0x20 })))
  let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file.appendingPathExtension("json")))
  let description = try #require(((json as? [String: Any])?["expect"] as? [[String: Any]])?.first)
  let command = try #require(named(by: description, Array(bytes.dropFirst(7).dropLast(2))))
  let address = try #require(description["address"] as? Int)
  #expect(command.frame(to: UInt8(address)).bytes == bytes)
}
