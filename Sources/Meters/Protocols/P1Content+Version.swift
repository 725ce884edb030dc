internal import Base
internal import Decoders

/// The version of the standard that a P1 telegram names: `1-3:0.2.8(50)`, in Belgium `0-0:96.1.4(50217)`.
extension P1Content {
  /// The place of the version as written; nil if the telegram does not name one.
  var writtenVersion: ByteRange? {
    let codes = [Obis(1, 3, 0, 2, 8), Obis(0, 0, 96, 1, 4)]
    let (records, groups) = lines
    guard let record = records.first(where: { codes.contains($0.obis) }), record.groupCount == 1 else { return nil }
    return groups[Int(record.firstGroup)].text
  }

  /// The version for people: `5.0`; in Belgium the number, `50217`; nil if it is not a number.
  func version(_ telegram: [UInt8]) -> String? {
    // Only telegrams before version 4 lack it.
    guard let written = writtenVersion else { return "2.2 or 3" }
    let digits = telegram[written.indices]
    guard digits.allSatisfy(isDigit) else { return nil }
    let text = String(decoding: digits, as: UTF8.self)
    return text.count == 2 ? "\(text.prefix(1)).\(text.suffix(1))" : text
  }
}
