internal import Base
internal import Glibc

extension Command {
  /// The version, for people and for bug reports.
  static let version = Command(
    name: "version", summary: "print the version", details: "Prints the name and the version."
  ) { _, console in
    console.write("meterbridge \(Version.text)\n")
    return EX_OK
  }
}
