internal import Base
internal import Meters
internal import Publishing

/// The content of one section of the state file. It is encoded only when the file is written.
protocol StateSection: Sendable {
  /// Its name in the file, `[a-z_]+`.
  static var sectionName: String { get }
  /// One JSON value.
  func encoded() -> [UInt8]
  /// Whether the storage thread keeps it for later writes: it takes little memory, or comes once.
  static var isKept: Bool { get }
}

extension StateSection {
  static var isKept: Bool { true }
}

/// From the meter loop and the broker thread to the storage thread.
enum StorageMessage: Sendable {
  case deadLetter(DeadLetterEntry)
  /// The newest state of a section; `isUrgent` has it written at once.
  case state(any StateSection, isUrgent: Bool)
  case journal(JournalOrder)
  /// Rows for the ledger of the hours.
  case hours([HourRow])
  /// The network of a meter; nil if the saved one is wrong.
  case network(meter: String, KnownNetwork?)
  /// Write what is not written yet, answer and end.
  case stop
}

/// From the storage thread to the meter loop.
enum StorageReport: Equatable, Sendable {
  /// Everything possible is on disk: the program may end.
  case stopped
}

/// The status of the storage thread, for `bridge/health`.
struct StorageStatus: Equatable, Sendable {
  /// When the current step began; nil while it waits for work.
  var busySince: Instant?
  /// Dead letters that are in the log.
  var written: UInt64 = 0
  /// Dead letters that could not be written.
  var lost: UInt64 = 0
  /// Bytes of the telegrams in both.
  var letterBytes = 0
  var journal = JournalStatus()

  /// How long the current step has taken.
  func age(at now: Instant) -> Milliseconds { busySince.map { now - $0 } ?? 0 }
}

extension RetainedState: StateSection {
  static let sectionName = "retained"
}
