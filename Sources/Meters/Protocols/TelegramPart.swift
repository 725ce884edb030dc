internal import Base
package import Decoders

/// Some bytes of a telegram and what they mean, for people: a row in the table of `decode`.
package struct TelegramPart: Equatable, Sendable {
  /// First byte, in the telegram; for DLMS in the application data in plain. Nil if the place is not known.
  package var offset: Int?
  /// The bytes: in hexadecimal, or a line of P1 as it stands.
  package var bytes: String
  /// What they mean: a name, its value as on the wire, the unit.
  package var meaning: String

  package init(offset: Int? = nil, bytes: String, meaning: String) {
    self.offset = offset
    self.bytes = bytes
    self.meaning = meaning
  }
}

extension TelegramPart {
  /// Hexadecimal digits with a blank between bytes. Of a long list only the beginning.
  init(_ bytes: [UInt8], _ range: Range<Int>, _ meaning: String) {
    let shown = range.prefix(Self.shownBytes)
    let digits = shown.map { Hexadecimal.text([bytes[$0]]) }.joined(separator: " ")
    self.init(
      offset: range.lowerBound, bytes: digits + (shown.count < range.count ? " …" : ""), meaning: meaning)
  }

  private static let shownBytes = 16

  /// The parts of a telegram in the order of its bytes; empty for a protocol without such a list.
  package static func all(of telegram: Telegram) -> [TelegramPart] {
    switch telegram.content {
    case let content as MBusContent: mbus(content, telegram.bytes)
    case let content as WirelessMBusContent: wireless(content, telegram)
    case let content as P1Content: p1(content, telegram.bytes)
    case let content as D0Content: d0(content, telegram.bytes)
    case let content as DLMSContent: dlms(content)
    case let content as SMLContent: sml(content)
    case let content as ECHONETContent: echonet(content, telegram.bytes)
    default: []
    }
  }

  private static func mbus(_ content: MBusContent, _ wire: [UInt8]) -> [TelegramPart] {
    var parts: [TelegramPart] = []
    if let first = content.records.first, content.header.structure != .fixed, first.dib.start > 7 {
      parts.append(TelegramPart(wire, 7..<Int(first.dib.start), content.header.summary))
    }
    return parts + mbusRecords(content, wire)
  }

  /// The layers up to the first record; places are those in the telegram without check values, deciphered.
  private static func wireless(_ content: WirelessMBusContent, _ telegram: Telegram) -> [TelegramPart] {
    let end = content.message.records.first.map { Int($0.dib.start) } ?? telegram.bytes.count
    let level = telegram.signalStrength.map { ", \($0) dBm" } ?? ""
    let meaning = content.message.header.summary + ", layers \(content.chainText)" + level
    return [TelegramPart(telegram.bytes, 0..<end, meaning)] + mbusRecords(content.message, telegram.bytes)
  }

  private static func mbusRecords(_ content: MBusContent, _ wire: [UInt8]) -> [TelegramPart] {
    let bytes = content.ordered(wire)
    var parts: [TelegramPart] = []
    for record in content.records {
      var json = JSONText()
      json.mbusValue(record, bytes)
      let unit = record.unitText(bytes).map { MBusText.string(bytes, $0) } ?? record.recordUnit
      var name = record.kind == .data ? record.quantity.name : record.functionName
      if record.kind == .data, record.function != .instantaneous { name += " \(record.functionName)" }
      if record.storage > 0 { name += ", storage \(record.storage)" }
      if record.tariff > 0 { name += ", tariff \(record.tariff)" }
      if record.subunit > 0 { name += ", sub-unit \(record.subunit)" }
      // The blocks of fixed data are elsewhere.
      let start = content.header.structure == .fixed ? record.data.start : record.dib.start
      let value = json.text.unquoted + (unit.isEmpty ? "" : " \(unit)")
      parts.append(TelegramPart(wire, Int(start)..<record.data.indices.upperBound, "\(name): \(value)"))
    }
    return parts
  }

  /// The set as it stands.
  private static func d0(_ content: D0Content, _ bytes: [UInt8]) -> [TelegramPart] {
    content.records.compactMap { record in
      guard let last = content.groups[record.groups].last else { return nil }
      let start = Int(record.address.start)
      let end = max(last.text.indices.upperBound, last.unit.indices.upperBound) + 1
      let set = String(decoding: bytes[start..<min(end, bytes.count)], as: UTF8.self).unicodeScalars
      let shown = set.prefix(64)
      return TelegramPart(
        offset: start, bytes: onOneLine(shown) + (shown.count < set.count ? "…" : ""),
        meaning: content.fieldLevel(record) ?? "")
    }
  }

  /// The line as it stands, without what a terminal would obey.
  private static func p1(_ content: P1Content, _ bytes: [UInt8]) -> [TelegramPart] {
    let (records, groups) = content.lines
    return records.compactMap { record in
      let groups = groups[record.groups]
      guard let first = groups.first, let last = groups.last else { return nil }
      var start = Int(first.text.start)
      while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
      let end = max(last.text.indices.upperBound, last.unit.indices.upperBound) + 1
      let line = String(decoding: bytes[start..<min(end, bytes.count)], as: UTF8.self)
      let shown = line.unicodeScalars.prefix(64)
      let isWhole = shown.count == line.unicodeScalars.count
      return TelegramPart(
        offset: start, bytes: onOneLine(shown) + (isWhole ? "" : "…"), meaning: record.obis.fieldLevel ?? "")
    }
  }

  /// Values have no places of their own. Each begins at its code, so it goes on to the next code.
  private static func dlms(_ content: DLMSContent) -> [TelegramPart] {
    var starts: [Int?] = []
    var position = 0
    for record in content.records {
      let code = record.obis.map { [$0.a, $0.b, $0.c, $0.d, $0.e, $0.f] } ?? []
      let found = code.isEmpty ? nil : content.data[position...].firstRange(of: code)?.lowerBound
      starts.append(found)
      if let found { position = found + code.count }
    }
    return content.records.indices.map { index in
      let record = content.records[index]
      let name = record.obis.map { "\($0)\($0.fieldLevel.map { " \($0)" } ?? ""): " } ?? ""
      let meaning = name + record.summary(content.data)
      guard let start = starts[index] else { return TelegramPart(offset: nil, bytes: "", meaning: meaning) }
      let end = starts[(index + 1)...].lazy.compactMap(\.self).first ?? content.data.count
      return TelegramPart(content.data, start..<end, meaning)
    }
  }

  private static func sml(_ content: SMLContent) -> [TelegramPart] {
    content.records.map { record in
      var json = JSONText()
      json.smlValue(record, content)
      let unit = record.unit.map { $0 == .none ? "" : " \($0.symbol)" } ?? ""
      let name = record.obis.fieldLevel.map { " \($0)" } ?? ""
      return TelegramPart(content.data, record.place.indices, "\(record.obis)\(name): \(json.text.unquoted)\(unit)")
    }
  }

  private static func echonet(_ content: ECHONETContent, _ bytes: [UInt8]) -> [TelegramPart] {
    content.records.map { record in
      var json = JSONText()
      json.echonetValue(record, bytes)
      let unit = record.unit == .none ? "" : " \(record.unit.symbol)"
      // EPC and PDC stand before the data.
      let range = record.data.indices.lowerBound - 2..<record.data.indices.upperBound
      return TelegramPart(bytes, range, "\(record.name): \(json.text.unquoted)\(unit)")
    }
  }
}

extension MBusHeader {
  fileprivate var summary: String {
    var parts: [String] = []
    if hasIdentification { parts.append("number \(String(identification, width: 8, radix: 16, uppercase: true))") }
    if hasMaker { parts += [manufacturerLetters, "version \(version)"] }
    if hasIdentification { parts.append(mediumName) }
    if structure != .none { parts += ["access \(accessNumber)", "status \(status)"] }
    return "header: " + parts.joined(separator: ", ")
  }
}

extension DLMSRecord {
  fileprivate func summary(_ data: [UInt8]) -> String {
    switch content {
    case .number(let raw):
      let unit = unit.map { $0 == .none ? "" : " \($0.symbol)" } ?? ""
      guard let source = scalerSource.name, let number else { return "\(raw)\(unit)" }
      return "\(number)\(unit) (raw \(raw), scaler \(scaler) of \(source))"
    case .bcd: return number.map { "\($0)" } ?? "no digits"
    case .flag(let flag): return "\(flag)"
    case .text(let range): return onOneLine(String(decoding: data[range.indices], as: UTF8.self).unicodeScalars)
    case .bytes(let range), .bits(let range): return Hexadecimal.text(data[range.indices])
    case .time(let time): return "\(time)"
    case .doubtfulTime(let time): return "\(time) (\(Field.Absence.invalidTime.name))"
    case .absent(let reason): return "no value (\(reason.name))"
    }
  }
}

extension String {
  /// One value of JSON; a text without its quotes.
  fileprivate var unquoted: String {
    hasPrefix("\"") ? onOneLine(dropFirst().dropLast().unicodeScalars) : self
  }
}
