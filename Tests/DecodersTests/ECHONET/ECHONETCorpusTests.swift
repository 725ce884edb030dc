import Foundation
import Testing

@testable import Decoders

/// A capture with what it must decode to.
private struct Capture: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var content: Data

  static let all = corpusFiles("echonet", type: "json").map {
    Capture(testDescription: $0.name, content: Data($0.bytes))
  }

  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: content)) as? [String: Any] ?? [:] }
}

/// Frames and dongles' lines of real meters, where a folder of them lies beside the repository.
@Suite(.enabled(if: !Capture.all.isEmpty)) struct ECHONETCorpusTests {
  @Test("a known frame or line decodes to what is known of it", arguments: Capture.all)
  private func decodes(_ capture: Capture) throws {
    let expected = try #require(capture.json["expected"] as? [String: Any])
    let frame = capture.json["frame_hex"] as? String
    if capture.json["kind"] as? String == "frame", let frame {
      try verifyFrame(try #require(Hexadecimal.bytes(frame.utf8)), expected)
    }
    if let line = capture.json["sk_line"] as? String { verifyLine(line, expected, frame) }
  }
}

private func verifyFrame(_ frame: [UInt8], _ expected: [String: Any]) throws {
  if expected["error"] != nil {
    #expect(throws: DecodeError.self) { try ECHONETBuilder.telegram(frame) }
    return
  }
  let telegram = try #require(try ECHONETBuilder.telegram(frame))
  let properties = try #require(expected["properties"] as? [[String: Any]])
  #expect(telegram.echonetRecords.map { Hexadecimal.text([$0.code]) } == properties.map { $0["epc"] as? String })
  #expect(telegram.echonetRecords.map(\.name) == properties.map { $0["name"] as? String })
  for length in 0..<frame.count {
    #expect(throws: DecodeError.self) { try ECHONETBuilder.telegram(Array(frame.prefix(length))) }
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
