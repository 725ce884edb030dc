import Foundation
import Testing

@testable import Decoders

/// Frames and dongles' lines of real meters, where a folder of them lies beside the repository.
private struct CorpusFile: Sendable, CustomTestStringConvertible {
  var name: String
  var content: Data
  var testDescription: String { name }

  static let all: [CorpusFile] = {
    let folder = URL(filePath: #filePath).appending(path: "../../../../shared/corpus/echonet").standardizedFileURL
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.compactMap { file in
      (try? Data(contentsOf: file)).map { CorpusFile(name: file.lastPathComponent, content: $0) }
    }
  }()

  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: content)) as? [String: Any] ?? [:] }
}

@Test(.enabled(if: !CorpusFile.all.isEmpty), arguments: CorpusFile.all)
private func knownFramesAndLines(_ file: CorpusFile) throws {
  let expected = try #require(file.json["expected"] as? [String: Any])
  if file.json["kind"] as? String == "frame", let hex = file.json["frame_hex"] as? String {
    try verifyFrame(try #require(Hexadecimal.bytes(hex.utf8)), expected)
  }
  if let line = file.json["sk_line"] as? String { verifyLine(line, expected, file.json["frame_hex"] as? String) }
}

private func verifyFrame(_ frame: [UInt8], _ expected: [String: Any]) throws {
  if expected["error"] != nil {
    #expect(throws: DecodeError.self) { try ECHONETSample.telegram(frame) }
    return
  }
  let telegram = try #require(try ECHONETSample.telegram(frame))
  let properties = try #require(expected["properties"] as? [[String: Any]])
  #expect(telegram.echonetRecords.map { Hexadecimal.text([$0.code]) } == properties.map { $0["epc"] as? String })
  #expect(telegram.echonetRecords.map(\.name) == properties.map { $0["name"] as? String })
  for length in 0..<frame.count {
    #expect(throws: DecodeError.self) { try ECHONETSample.telegram(Array(frame.prefix(length))) }
  }
}

private func verifyLine(_ line: String, _ expected: [String: Any], _ frame: String?) {
  var reader = SKSTACKReader()
  reader.append(Array((line + "\r\n").utf8).span)
  var pieces: [SKSTACKReader.Piece] = []
  while let piece = reader.next() { pieces.append(piece) }
  guard line.contains("ERXUDP ") else {
    #expect(pieces == [.line(Array(line.utf8))])
    return
  }
  if expected["type"] as? String == "bad" {
    if case .rejected? = pieces.last { return }
    Issue.record("accepted: \(line)")
    return
  }
  guard case .datagram(let datagram)? = pieces.last else {
    Issue.record("no datagram: \(line)")
    return
  }
  if let hex = frame ?? expected["data_hex"] as? String { #expect(Hexadecimal.text(datagram.data) == hex) }
  if let quality = expected["lqi"] as? Int { #expect(datagram.linkQuality == UInt8(quality)) }
}
