internal import Base
internal import Glibc
internal import Platform

/// Reads the dead-letter log from the oldest letter to the newest, also beside the daemon that writes it.
final class DeadLetterReader {
  /// The content of a line.
  enum Line: Equatable {
    case entry(DeadLetterEntry)
    /// A line that is not a letter, with the file name and line number.
    case damaged(file: String, line: Int)
  }

  private struct OpenFile {
    var name: String
    var descriptor: Int32
    /// As far as the file went when it was opened: a line that is being written is not half read.
    var size: Int64
  }

  private let files: any FileSystem
  /// Newest first.
  private var open: [OpenFile] = []
  private var offset: Int64 = 0
  private var lineNumber = 0
  private var pending: [UInt8] = []
  private var position = 0
  /// Whether the current line is longer than any letter.
  private var isTooLong = false

  /// Opens the files that exist; their absence is not an error.
  init(_ log: DeadLetterLog) throws(Errno) {
    files = log.files
    // Newest first, so that a rotation meanwhile makes a file turn up twice instead of not at all.
    var seen: Set<[UInt]> = []
    for age in 0..<log.fileCount {
      let name = DeadLetterLog.name(age)
      do throws(Errno) {
        let descriptor = try files.open(name, O_RDONLY)
        open.append(OpenFile(name: name, descriptor: descriptor, size: 0))
        let status = try files.status(of: descriptor)
        open[open.count - 1].size = status.size
        if !seen.insert([status.device, status.inode]).inserted { closeLast() }
      } catch {
        if error.number != ENOENT { throw error }
      }
    }
  }

  deinit { open.forEach { files.close($0.descriptor) } }

  /// The next line that is not empty; nil after the last.
  func next() throws(Errno) -> Line? {
    while let file = open.last {
      if let line = try nextPiece(of: file) {
        lineNumber += 1
        if line.isEmpty, !isTooLong { continue }
        let damaged = Line.damaged(file: file.name, line: lineNumber)
        defer { isTooLong = false }
        guard !isTooLong, let entry = try? DeadLetterEntry(parsing: line) else { return damaged }
        return .entry(entry)
      }
      closeLast()
      offset = 0
      lineNumber = 0
    }
    return nil
  }

  /// The bytes up to the next line end or the end of the file; nil after that.
  private func nextPiece(of file: OpenFile) throws(Errno) -> [UInt8]? {
    while true {
      if let end = pending[position...].firstIndex(of: 0x0A) {
        defer { position = end + 1 }
        return Array(pending[position..<end])
      }
      pending.removeFirst(position)
      position = 0
      if pending.count > Limits.deadLetterLineBytes {
        isTooLong = true
        pending.removeAll()
      }
      let piece = try files.read(Int(min(64 * 1024, file.size - offset)), at: offset, from: file.descriptor)
      offset += Int64(piece.count)
      if piece.isEmpty {
        defer { pending.removeAll() }
        return pending.isEmpty && !isTooLong ? nil : pending
      }
      pending += piece
    }
  }

  private func closeLast() { files.close(open.removeLast().descriptor) }
}
