/// Decodes the files of an SML meter (BSI TR-03109-1, SML 1.04): a file gives a telegram for each meter whose list is in it.
package struct SMLDecoder: MeterDecoder {
  /// Registers of export came at least once, so that a power without a sign may be export.
  private var knowsExport = false

  package init() {}

  /// - Throws: what made the only list unusable, the fault that the meter reports, or `unsupported` for a file without a
  ///   list.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    guard frame.count >= 2 * SMLLink.markCount else {
      throw DecodeError(.truncated, at: frame.count, expected: 2 * SMLLink.markCount - frame.count)
    }
    let bytes = [UInt8](frame)
    let data = Self.withoutDoubledEscapes(bytes)
    let span = data.span
    let end = data.count - SMLLink.markCount
    var file = SMLFile(span, SMLLink.markCount..<max(SMLLink.markCount, end), fill: Int(data[end + 5]))
    // Sixteen bits of KERMIT alone are not enough: any damaged file would have a second chance by them.
    if let wrong = file.issues.first(where: { $0.code == .checksumMismatch }), !SMLLink.isStandard(frame) {
      throw wrong
    }
    guard let list = file.takeList() else {
      throw file.issues.first ?? DecodeError(.unsupported, at: SMLLink.markCount, found: Int(file.otherBody ?? 0))
    }
    telegrams.append(telegram(consume list, bytes, data, file.issues))
    for other in file.otherLists { telegrams.append(telegram(other, bytes, data, [])) }
  }

  private mutating func telegram(
    _ list: consuming SMLFile.List, _ bytes: [UInt8], _ data: [UInt8], _ issues: [DecodeError]
  ) -> Telegram {
    let span = data.span
    if list.header.serverID.isEmpty { list.header.serverID = SMLRecord.serverID(list.records) }
    if !knowsExport { knowsExport = list.records.contains { $0.obis.a == 1 && $0.obis.c == 2 && $0.obis.d == 8 } }
    let status = SMLStatus(list.records, span)
    if let status { SMLSignFault(list.header, status, span)?.correct(&list.records) }
    var readings = SMLReadings(span, list.header, list.records, status, knowsExport: knowsExport)
    let all = readings.all()
    return Telegram(
      bytes: bytes, content: SMLContent(header: list.header, data: data, records: list.records), readings: all,
      issues: readings.issues.isEmpty ? issues : issues + readings.issues, protection: .checkValue)
  }

  package mutating func finish(into telegrams: inout [Telegram]) {}

  /// The file with each doubled escape once.
  static func withoutDoubledEscapes(_ file: [UInt8]) -> [UInt8] {
    let end = file.count - SMLLink.markCount
    guard var place = SMLLink.nextEscape(file.span, from: SMLLink.markCount), place < end else { return file }
    var data = Array(file[..<place])
    var start = place
    while place < end {
      data += file[start..<place + 4]
      start = min(place + SMLLink.markCount, end)
      place = SMLLink.nextEscape(file.span, from: start) ?? end
    }
    return data + file[start...]
  }
}
