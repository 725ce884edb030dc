import Foundation
import Testing
import TestSupport

/// Another Debian than that of this machine, with a broker and the libraries of its own: `Scripts/debian-roots.sh`.
struct DebianRoot: Sendable, CustomTestStringConvertible {
  /// The oldest and the newest C library that the program meets beside Debian 12.
  static let all = [DebianRoot(suite: "trixie"), DebianRoot(suite: "testing")]
  /// The release program, as it is called in there.
  static let program = "/usr/local/bin/meterbridge"

  let suite: String
  var testDescription: String { suite }

  /// A command of the shell that runs the words behind it in there.
  var entry: String { "'\(repository.appending(path: "Scripts/in-debian-root.sh").path)' \(suite)" }
  /// Its C headers.
  var headers: String { repository.appending(path: ".build/roots/\(suite)/usr/include").path }
}
