import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Meters

private struct Script: Decodable, Sendable {
  struct Answer: Decodable, Sendable {
    var after_ms: Int64
    var baud: Int
    var text: String?
    var hex: String?
  }
  struct Step: Decodable, Sendable {
    var tx: String?
    var tx_eol: String?
    var tx_prefix_hex: String?
    var tx_hex: String?
    var tx_hex_is_minimum: Bool?
    var baud: Int
    var not_before_ms: Int64?
    var not_after_ms: Int64?
    var rx: [Answer]?
  }
  struct Field: Decodable, Sendable {
    var name: String
    var value: Decimal
  }
  struct Expectation: Decodable, Sendable {
    var telegrams: Int?
    var fields: [Field]?
    var error: String?
    var line_changes: [Int]?
    var back_to: Int?
    var never_sent: String?
    var dead_letters: [String]?
    var gap_ms: Int64?
    var learn: String?
  }
  struct Config: Decodable, Sendable {
    var mode: String?
    var wake: String?
    var address: String?
    var max_baud: Int?
  }

  var mode: String?
  var config: Config?
  var steps: [Step]
  var expect: Expectation
}

private struct NamedScript: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var script: Script
}

private let scripts: [NamedScript] = {
  let folder = repository.appending(path: "../shared/corpus/d0-dialogs").standardizedFileURL
  let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
  return files.sorted { $0.path < $1.path }.compactMap { file in
    guard let data = try? Data(contentsOf: file), let script = try? JSONDecoder().decode(Script.self, from: data) else {
      return nil
    }
    return NamedScript(testDescription: file.deletingPathExtension().lastPathComponent, script: script)
  }
}()

/// Dialogues with real meters' forms, where a folder of them lies beside the repository.
@Suite(.enabled(if: !scripts.isEmpty)) struct D0DialogCorpusTests {
  @Test("a scripted dialogue goes as the script says", arguments: scripts) fileprivate func plays(_ named: NamedScript)
  {
    let script = named.script
    var dialog = D0Dialog(script.steps.map(Self.step), Self.session(script))
    // The time of the first readout; a second one comes a minute later.
    dialog.run(until: 40_000)
    #expect(dialog.mistakes == [])
    let expected = script.expect
    if let count = expected.telegrams { #expect(dialog.telegrams.count == count) }
    for field in expected.fields ?? [] {
      let found = dialog.telegrams.last.flatMap { Self.fields($0)[field.name] }
      #expect(found == "\(field.value)" || found.flatMap { Decimal(string: $0) } == field.value, "\(field.name)")
    }
    if let changes = expected.line_changes { #expect(Array(dialog.lineChanges.prefix(changes.count)) == changes) }
    if let back = expected.back_to { #expect(dialog.lineChanges.last == back) }
    for letter in expected.dead_letters ?? [] { #expect(dialog.errors.contains(letter)) }
    if expected.error == "no_answer" { #expect(dialog.failures == 1) }
    if let error = expected.error, error != "no_answer" { #expect(dialog.errors.contains(error)) }
    if expected.telegrams ?? 0 > 0, expected.dead_letters == nil { #expect(dialog.errors == []) }
    if let bytes = expected.never_sent.flatMap({ Hexadecimal.bytes($0.utf8) }) {
      #expect(!dialog.sent.contains { $0.bytes.starts(with: bytes) })
    }
    if let gap = expected.gap_ms {
      for (first, second) in zip(dialog.sent, dialog.sent.dropFirst()) { #expect((second.at - first.at).count >= gap) }
    }
    if expected.learn != nil { #expect(dialog.session.memory.rateLimit == 300) }
  }

  private static func step(_ step: Script.Step) -> D0Dialog.Step {
    let prefix = step.tx_prefix_hex.flatMap { Hexadecimal.bytes($0.utf8) } ?? []
    let text = step.tx.map { prefix + Array($0.utf8) + Array((step.tx_eol ?? "").utf8) }
    return D0Dialog.Step(
      request: step.tx_hex.flatMap { Hexadecimal.bytes($0.utf8) } ?? text, isMinimum: step.tx_hex_is_minimum ?? false,
      baud: step.baud, notBefore: step.not_before_ms, notAfter: step.not_after_ms,
      answers: (step.rx ?? []).map {
        D0Dialog.Answer(
          after: $0.after_ms, baud: $0.baud,
          bytes: $0.hex.flatMap { Hexadecimal.bytes($0.utf8) } ?? Array(($0.text ?? "").utf8))
      })
  }

  private static func session(_ script: Script) -> D0Session {
    var settings = D0Session.Settings(line: LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1))
    let config = script.config
    settings.polling.mode = config?.mode.flatMap { D0Polling.Mode(rawValue: $0) } ?? .auto
    settings.polling.wake = config?.wake.flatMap { D0Polling.Wake(rawValue: $0) } ?? .none
    settings.polling.address = config?.address ?? ""
    settings.polling.maximumBaud = config?.max_baud ?? 19_200
    // Scripts that begin with a request do not listen first.
    if script.steps.first?.tx != nil || script.steps.first?.tx_hex != nil { settings.interval = .seconds(60) }
    return D0Session(settings)
  }

  private static func fields(_ frame: [UInt8]) -> [String: String] {
    var decoder = D0Decoder()
    var telegrams: [Telegram] = []
    try? decoder.decode(frame.span, into: &telegrams)
    var fields: [String: String] = [:]
    for field in telegrams.first?.readings[0].fields ?? [] {
      if case .number(let number) = field.value { fields[telegrams[0].readings[0].topicLevel(field)] = "\(number)" }
    }
    return fields
  }
}
