internal import Glibc

/// Why a source cannot be read, said so that the user knows what to do.
struct SourceError: Error, Equatable {
  let reason: String
  /// The source is just not there, as after it was unplugged; logged once an outage, in whatever words.
  let isAbsence: Bool

  init(_ reason: String, isAbsence: Bool = false) {
    self.reason = reason
    self.isAbsence = isAbsence
  }
}
