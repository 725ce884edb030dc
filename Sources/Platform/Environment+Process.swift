package import Base
internal import Glibc

extension Environment {
  /// The variables of this process.
  package static let process = Environment { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
}
