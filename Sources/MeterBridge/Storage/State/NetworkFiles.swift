internal import Base
internal import Meters
internal import Platform

/// The `pan-<id>.json` of all meters: written at once, and again each minute where that fails.
struct NetworkFiles {
  private static let pause = Milliseconds.minutes(1)

  private let files: any FileSystem
  /// The unsaved network of each meter; nil removes the file.
  private var pending: [String: KnownNetwork?] = [:]
  /// When the next try is due.
  private(set) var due: Instant?
  private var failure: Errno?

  init(in files: any FileSystem) { self.files = files }

  /// Takes the network of a meter; nil if the saved one is wrong.
  mutating func keep(_ network: KnownNetwork?, of meter: String, at now: Instant) {
    pending[meter] = .some(network)
    due = now
  }

  /// Writes what waits, if it is time.
  mutating func write(at now: Instant, _ say: (LogLevel, String) -> Void) {
    guard let due, due <= now else { return }
    self.due = nil
    for (meter, network) in pending.sorted(by: { $0.key < $1.key }) {
      let file = NetworkFile(in: files, meter: meter)
      do throws(Errno) {
        try file.write(network)
        pending[meter] = nil
      } catch {
        self.due = now + Self.pause
        if failure != error {
          say(.warning, "\(file.path) cannot be written: \(error); without it the next start searches the meter again")
        }
        failure = error
      }
    }
    if pending.isEmpty { failure = nil }
  }
}
