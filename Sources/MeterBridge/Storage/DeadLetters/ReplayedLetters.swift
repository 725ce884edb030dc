internal import Base
internal import Glibc
internal import Platform

/// The ids of replayed dead letters, a line each in `dead-letter.replayed`, so that a letter is published only once.
struct ReplayedLetters {
  static let name = "dead-letter.replayed"

  private let files: any FileSystem
  private(set) var ids: Set<DeadLetterID>
  /// Whether the file ends within a line, as a power cut may leave it.
  private var endsWithinLine: Bool

  /// Reads the ids; empty without a file.
  init(in files: any FileSystem) throws(Errno) {
    self.files = files
    let text = try files.contents(of: Self.name, limit: Limits.deadLetterBytes) ?? []
    ids = Set(text.split(separator: 0x0A).compactMap { DeadLetterID(String(decoding: $0, as: UTF8.self)) })
    endsWithinLine = text.last.map { $0 != 0x0A } ?? false
  }

  /// Remembers one letter at once: the program may end at any moment.
  mutating func remember(_ id: DeadLetterID) throws(Errno) {
    let file = try files.open(Self.name, O_WRONLY | O_APPEND | O_CREAT)
    defer { files.close(file) }
    let line = Array("\(endsWithinLine ? "\n" : "")\(id)\n".utf8)
    endsWithinLine = true
    try files.writeAll(line, to: file)
    endsWithinLine = false
    ids.insert(id)
  }

  /// Forgets the letters that the log no longer has.
  mutating func keep(only present: Set<DeadLetterID>) throws(Errno) {
    guard !ids.isSubset(of: present) else { return }
    ids.formIntersection(present)
    try files.replace(Self.name, with: ids.sorted().flatMap { Array("\($0)\n".utf8) })
  }
}
