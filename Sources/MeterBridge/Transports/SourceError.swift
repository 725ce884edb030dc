/// Why a source cannot be read, and what the user can do.
struct SourceError: Error, Equatable {
  let reason: String
  /// Reasons of one subject are logged once an outage, even if the text changes.
  let subject: String

  init(_ reason: String, subject: String? = nil) {
    self.reason = reason
    self.subject = subject ?? reason
  }

  /// The source is absent, for example unplugged.
  init(_ reason: String, isAbsence: Bool) { self.init(reason, subject: isAbsence ? "absence" : nil) }
}
