internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// `scan.log` in the state directory: the exchanges of a scan that is not finished.
///
/// The first line names the scan. Each further line is a request and its answer in hexadecimal, `-` for silence. A scan that
/// goes on takes these answers instead of asking again, and so comes to the same place.
struct ScanMemory {
  static let name = "scan.log"

  /// The state directory. It is made only when there is something to keep.
  let directory: String
  /// What is scanned, and how: another scan does not go on from here.
  let title: String

  /// For messages.
  var path: String { "\(directory)/\(Self.name)" }

  /// The exchanges of the interrupted scan; nil if there is none of this title, or the file is damaged.
  func read() throws(Errno) -> [ScanRecord]? {
    guard let folder = try existingFolder(),
      let bytes = try folder.contents(of: Self.name, limit: Limits.scanMemoryBytes)
    else { return nil }
    return Self.records(String(decoding: bytes, as: UTF8.self), title: title)
  }

  /// Whether it holds nothing of another scan.
  var isFree: Bool {
    guard let folder = try? existingFolder(),
      let bytes = try? folder.contents(of: Self.name, limit: Limits.scanMemoryBytes)
    else { return true }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first == title[...]
  }

  private func existingFolder() throws(Errno) -> Folder? {
    do throws(Errno) { return try Folder(visiting: directory) } catch {
      if error.number == ENOENT { return nil }
      throw error
    }
  }

  static func records(_ text: String, title: String) -> [ScanRecord]? {
    let lines = text.split(separator: "\n")
    guard lines.first == title[...] else { return nil }
    var records: [ScanRecord] = []
    for line in lines.dropFirst() {
      let words = line.split(separator: " ")
      guard words.count == 2, let request = Hexadecimal.bytes(words[0].utf8),
        let answer = words[1] == "-" ? [] : Hexadecimal.bytes(words[1].utf8)
      else { return nil }
      records.append(ScanRecord(request: request, answer: answer))
    }
    return records
  }

  static func text(_ records: [ScanRecord], title: String) -> String {
    let lines = records.map { record in
      "\(Hexadecimal.text(record.request)) \(record.answer.isEmpty ? "-" : Hexadecimal.text(record.answer))"
    }
    return ([title] + lines).map { $0 + "\n" }.joined()
  }

  func write(_ records: [ScanRecord]) throws(Errno) {
    try Folder(making: directory).replace(Self.name, with: Array(Self.text(records, title: title).utf8))
  }

  /// The scan is finished. What another one has left stays.
  func remove() throws(Errno) {
    guard try read() != nil else { return }
    try Folder(making: directory).removeIfThere(Self.name)
  }
}
