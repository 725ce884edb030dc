import Foundation
import Testing

@testable import Decoders

/// A telegram and everything that becomes of it: one file of `Tests/Samples`. `docs/ADDING-A-METER.md` has the grammar.
struct Sample: Sendable, CustomTestStringConvertible {
  /// The folder that a sample lies in says how it is read.
  enum MeterProtocol: String, CaseIterable { case mbus, p1, dlms, sml, echonet, d0, wmbus }

  var meterProtocol: MeterProtocol
  var name: String
  /// What it shows: the comment at its head.
  var about = ""
  var bytes: [UInt8] = []
  var settings = SampleSettings()
  /// The lines of each reading: the meter's own first, then those of each submeter.
  var readings: [[String]] = [[]]
  var issues: [String] = []
  /// What is wrong with the file.
  var mistakes: [String] = []

  var testDescription: String { "\(meterProtocol)/\(name)" }

  /// Every sample of the repository.
  static let all = MeterProtocol.allCases.flatMap { meterProtocol in
    files(in: repository.appending(path: "Tests/Samples/\(meterProtocol)"), type: "sample").map {
      Sample(meterProtocol, name: $0.name, text: String(decoding: $0.bytes, as: UTF8.self))
    }
  }

  /// The bytes of one sample.
  static func bytes(_ meterProtocol: MeterProtocol, _ name: String) -> [UInt8] {
    all.first { $0.meterProtocol == meterProtocol && $0.name == name }?.bytes ?? []
  }

  /// The samples of one protocol.
  static func all(of meterProtocol: MeterProtocol) -> [Sample] { all.filter { $0.meterProtocol == meterProtocol } }
}

// MARK: - The grammar

extension Sample {
  init(_ meterProtocol: MeterProtocol, name: String, text: String) {
    self.init(meterProtocol: meterProtocol, name: name)
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("#") {
        about += (about.isEmpty ? "" : " ") + line.drop { "# ".contains($0) }
        continue
      }
      guard let colon = line.firstIndex(of: ":") else {
        mistakes.append("no colon: \(line)")
        continue
      }
      let value = line[line.index(after: colon)...]
      if !take(line[..<colon], value.hasPrefix(" ") ? value.dropFirst() : value, of: line) {
        mistakes.append("cannot be read: \(line)")
      }
    }
  }

  /// Takes one line; false where its value cannot be read.
  private mutating func take(_ key: Substring, _ value: Substring, of line: Substring) -> Bool {
    switch key {
    case "telegram":
      guard let part = Hexadecimal.bytes(value.utf8) else { return false }
      bytes += part
    case "text": bytes += Array(value.utf8) + [0x0D, 0x0A]
    case "key": return settings.setKey(value, \.key)
    case "auth-key": return settings.setKey(value, \.authenticationKey)
    case "set": return settings.set(value)
    case "submeter": readings.append([])
    case "issue": issues.append(String(value))
    default: readings[readings.count - 1].append(String(line))
    }
    return true
  }
}

extension Sample {
  /// The family that its M-Bus telegram is of; nil without one.
  var profile: Profile? { decoded(bytes).telegrams.first?.mbusContent?.profile }

  /// The layout by which its DLMS telegram in plain is read; nil where it explains itself.
  var layout: DLMSLayout? {
    guard let content = decoded(bytes).telegrams.first?.content as? DLMSContent,
      let start = content.data.firstIndex(of: DLMSTag.dataNotification)
    else { return nil }
    let bytes = content.data.span
    var nodes: [AXDRNode] = []
    do throws(DecodeError) {
      let body = try DLMSNotification(bytes, at: start, to: bytes.count).body
      var reader = AXDRReader(bytes, body..<bytes.count)
      try reader.value(into: &nodes)
    } catch { return nil }
    return DLMSLayout.find(nodes, of: 0, in: bytes)
  }
}

// MARK: - A telegram as the lines of a sample

extension Reading {
  /// Its lines as a sample has them, in the order of the telegram.
  var lines: [String] {
    var lines: [String] = []
    if let modelName { lines.append("model: \(modelName)") }
    if let meterNumber { lines.append("number: \(meterNumber)") }
    lines.append("medium: \(meter.medium.name)")
    if let time { lines.append("time: \(time)" + (time.isSummer ? " summer" : "")) }
    return lines + fieldLines
  }

  /// The lines of its fields: `power_import: 472 W`.
  var fieldLines: [String] {
    fields.map { field in
      let unit = field.unit == .none ? "" : " \(unitSymbol(field))"
      let value =
        switch field.value {
        case .number(let number): "\(number)\(unit)"
        case .time(let time): "\(time)"
        case .text(let range): string(range)
        case .absent(let reason): "absent \(reason.name)"
        }
      return "\(topicLevel(field)): \(value)"
    }
  }
}

extension Telegram {
  /// The lines of the meter's own reading and of the issues, as a sample has them.
  var lines: [String] { (readings.first?.lines ?? []) + issues.map { "issue: \($0.code.name)" } }

  /// The lines of the fields of one reading.
  func fieldLines(of reading: Int = 0) -> [String] {
    readings.indices.contains(reading) ? readings[reading].fieldLines : ["no reading \(reading)"]
  }
}
