internal import Base
internal import HTTP
internal import Platform

/// The tries to open an address that is taken, or not there yet: the meters do not wait for it, and the log says it once.
struct ListenAttempts {
  /// When the next one may be.
  private(set) var due = Instant.past
  private var trouble: ListenFailure?

  /// Tries it if it is due.
  ///
  /// - Parameters:
  ///   - now: the time of the try.
  ///   - kind: how the log calls the server.
  ///   - open: opens the address.
  /// - Returns: what it opens; nil after a failure, or if it is too early.
  mutating func open<Opened>(
    now: Instant, _ kind: String, _ open: () throws(ListenFailure) -> Opened
  ) -> Opened? {
    guard now >= due else { return nil }
    due = now + Limits.httpRetry
    do throws(ListenFailure) { return try open() } catch {
      if error != trouble { Log.write(.error, "\(kind): \(error); it is tried again every ten seconds") }
      trouble = error
      return nil
    }
  }
}
