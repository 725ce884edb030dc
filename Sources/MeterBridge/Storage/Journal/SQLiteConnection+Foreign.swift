internal import Base
internal import Meters

extension SQLiteConnection {
  /// Takes out the rows of a journal that this program cannot have written: they are too long, of other types, or of a
  /// name that is not an id, nor an id with the mark of forwarded telegrams. None of them is ever loaded into memory or sent.
  ///
  /// - Returns: their number.
  func takeOutForeign() throws(SQLiteError) -> Int {
    // Numbers of later runs are added to those of the file.
    try run(
      """
      DELETE FROM readings WHERE typeof(meter) != 'text' OR length(CAST(meter AS BLOB)) > \(Limits.deviceCharacters)
        OR typeof(document) != 'blob' OR length(document) > \(Limits.journalRowBytes)
        OR typeof(number) != 'integer' OR number NOT BETWEEN 1 AND \(Int64.max / 2) OR typeof(checksum) != 'integer'
      """)
    var count = changes
    var strange: [[UInt8]] = []
    let names = try prepare("SELECT DISTINCT CAST(meter AS BLOB) FROM readings")
    try names.run {
      let name = names.bytes(0)
      let text = String(decoding: name, as: UTF8.self)
      if !isIdentifier((ForwardedTelegram.meter(of: text) ?? text).utf8) { strange.append(name) }
      return true
    }
    let delete = try prepare("DELETE FROM readings WHERE CAST(meter AS BLOB) = ?")
    for name in strange {
      try delete.run([.bytes(name)])
      count += changes
    }
    return count
  }
}
