/// The requests of a scan, and what became of them.
package struct ScanCounts: Equatable, Sendable {
  package private(set) var resets = 0
  package private(set) var selections = 0
  package private(set) var readouts = 0
  /// Answers of any kind, at all speeds.
  private(set) var answeredAtAll = 0
  /// Good answers at this speed.
  private(set) var clean = 0
  /// Answers that cannot be read, at this speed.
  private(set) var damaged = 0
  /// Requests without an answer, at this speed.
  private(set) var silent = 0

  package var all: Int { resets + selections + readouts }

  mutating func count(_ request: ScanRequest) {
    switch request {
    case .reset: resets += 1
    case .select: selections += 1
    case .data: readouts += 1
    }
  }

  mutating func count(_ answer: ScanAnswer) {
    switch answer {
    case .silence: silent += 1
    case .acknowledge, .data:
      answeredAtAll += 1
      clean += 1
    case .damage:
      answeredAtAll += 1
      damaged += 1
    }
  }

  /// Another speed.
  mutating func begin() { (clean, damaged, silent) = (0, 0, 0) }
}
