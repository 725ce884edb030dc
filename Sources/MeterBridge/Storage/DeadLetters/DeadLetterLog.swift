internal import Base
internal import Glibc
internal import Platform

/// The dead letters on disk: JSON Lines in `dead-letter.jsonl`, older ones in `.1` to `.3`, bounded over all of them.
///
/// Between two letters no file is open and no state is kept. So a power cut, a full disk or a user who tidied up does not
/// matter to the next letter. Letters are not synced one by one, which would wear out SD cards. The kernel writes them
/// within half a minute.
struct DeadLetterLog: Sendable {
  let files: any FileSystem
  /// Bytes over all files.
  let totalBytes: Int
  let fileCount: Int

  init(
    in files: any FileSystem, totalBytes: Int = Limits.deadLetterBytes, fileCount: Int = Limits.deadLetterFiles
  ) {
    self.files = files
    self.totalBytes = totalBytes
    self.fileCount = max(1, fileCount)
  }

  /// The file of an age: 0 is the one written to.
  static func name(_ age: Int) -> String { "dead-letter.jsonl" + (age == 0 ? "" : ".\(age)") }

  /// The same for messages.
  func path(_ age: Int) -> String { files.path(of: Self.name(age)) }

  /// Appends one letter as one line. After a failure it removes the part that was written, if the disk allows it.
  func append(_ entry: DeadLetterEntry) throws(Errno) {
    let line = entry.line()
    let (file, size) = try openWithRoom(for: line.count)
    defer { files.close(file) }
    do throws(Errno) {
      // A line that a power cut left half stays alone on its line.
      let lastByte = size == 0 ? [0x0A] : try files.read(1, at: size - 1, from: file)
      try files.writeAll(lastByte == [0x0A] ? line : [0x0A] + line, to: file)
    } catch {
      try? files.truncate(file, to: size)
      throw error
    }
  }

  /// The id of the newest letter that can be read, for the numbering to go on from.
  func newestID() -> DeadLetterID? {
    for age in 0..<fileCount {
      guard let file = try? files.open(Self.name(age), O_RDONLY) else { continue }
      defer { files.close(file) }
      guard let size = try? files.status(of: file).size else { continue }
      let start = max(0, size - Int64(2 * Limits.deadLetterLineBytes))
      guard let end = try? files.read(Int(size - start), at: start, from: file) else { continue }
      for line in end.split(separator: 0x0A).reversed() {
        if let entry = try? DeadLetterEntry(parsing: Array(line)) { return entry.id }
      }
    }
    return nil
  }

  /// The file to write to, and its size. One that is full is put away first.
  private func openWithRoom(for count: Int) throws(Errno) -> (file: Int32, size: Int64) {
    let file = try openNewest()
    let size: Int64
    do throws(Errno) {
      size = try files.status(of: file).size
    } catch {
      files.close(file)
      throw error
    }
    // A letter larger than a whole file still gets one of its own.
    if size == 0 || size + Int64(count) <= Int64(totalBytes / fileCount) { return (file, size) }
    files.close(file)
    try rotate()
    return (try openNewest(), 0)
  }

  private func openNewest() throws(Errno) -> Int32 {
    try files.open(Self.name(0), O_RDWR | O_APPEND | O_CREAT)
  }

  /// Makes every file one older, as far as the first gap: a rotation that was cut short is completed and costs no
  /// second file. The oldest is written over.
  private func rotate() throws(Errno) {
    if fileCount == 1 { return try files.remove(Self.name(0)) }
    var gap = 1
    while gap < fileCount - 1, try exists(Self.name(gap)) { gap += 1 }
    for age in stride(from: gap, through: 1, by: -1) { try files.rename(Self.name(age - 1), to: Self.name(age)) }
  }

  private func exists(_ name: String) throws(Errno) -> Bool {
    do throws(Errno) {
      files.close(try files.open(name, O_RDONLY))
      return true
    } catch {
      if error.number == ENOENT { return false }
      throw error
    }
  }
}
