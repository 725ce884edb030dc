internal import Glibc
internal import Platform

/// The file that says how many runs libmosquitto has ended by an assertion since the last clean end.
///
/// It has one mark a run, and a dot once a later run has read them. So a power cut or `kill -9` is not taken for an
/// assertion. In a usual run nothing is written to it.
struct AbortMark {
  static let name = "broker-aborts"
  private static let read = UInt8(ascii: ".")
  /// More are not counted.
  private static let most = 2

  /// Nil if the system refuses it. Then aborts are not counted.
  let file: Int32?
  /// Runs that ended so; not more than two are counted.
  private(set) var count = 0
  /// Whether the last run is one of them.
  private(set) var isNew = false
  private let files: any FileSystem

  init(in files: any FileSystem) {
    self.files = files
    file = try? files.open(Self.name, O_RDWR | O_CREAT | O_APPEND)
    guard let file, let bytes = try? files.read(64, at: 0, from: file), !bytes.isEmpty else { return }
    count = min(bytes.count { $0 == AbortWatch.mark }, Self.most)
    isNew = bytes.last == AbortWatch.mark
    guard isNew else { return }
    clear()
    try? files.writeAll([UInt8](repeating: AbortWatch.mark, count: count) + [Self.read], to: file)
  }

  /// Whether MQTT 5, whose properties those assertions are about, is left alone in this run.
  var avoidsFive: Bool { count >= Self.most }

  /// A line for the log; nil if there is nothing to say.
  var warning: String? {
    guard count > 0, isNew || avoidsFive else { return nil }
    let end = "libmosquitto ended the program while it talked to the broker, by an assertion"
    guard avoidsFive else { return "the last run did not end well: \(end)" }
    let subject = isNew ? "the last runs did not end well" : "earlier runs did not end well"
    return "\(subject): \(end); this run speaks MQTT 3.1.1, unless mqtt.protocol_version is 5; the start after a clean "
      + "end tries MQTT 5 again"
  }

  /// A clean end.
  func clear() {
    guard let file, let size = try? files.status(of: file).size, size > 0 else { return }
    try? files.truncate(file, to: 0)
  }
}
