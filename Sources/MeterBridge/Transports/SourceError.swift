internal import Glibc

/// Why a source cannot be read, and what the user can do.
struct SourceError: Error, Equatable {
  let reason: String
  /// The source is absent, for example unplugged. Logged once an outage, even if the text changes.
  let isAbsence: Bool

  init(_ reason: String, isAbsence: Bool = false) {
    self.reason = reason
    self.isAbsence = isAbsence
  }
}
