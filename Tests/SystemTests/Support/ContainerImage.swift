import Foundation
import Testing
import TestSupport

/// An image of `make image`, unpacked by `Scripts/unpack-images.sh`.
enum ContainerImage: String, CustomTestStringConvertible {
  case amd64, arm64

  /// Those that this machine can make.
  static let all: [ContainerImage] = ARM64.isForeign ? [.amd64, .arm64] : [.arm64]
  /// Its user and group.
  static let (user, group): (uid_t, gid_t) = (65532, 20)

  var testDescription: String { rawValue }
  /// Its files.
  var root: String { repository.appending(path: ".build/image/unpacked/\(rawValue)/rootfs").path }

  /// What a container engine is told to run, and as whom.
  func process() throws -> String {
    let file = repository.appending(path: ".build/image/unpacked/\(rawValue)/config.json")
    return try String(contentsOf: file, encoding: .utf8).filter { !$0.isWhitespace }
  }

  /// The words that run its program with a bridge's configuration and state. Those of the program follow.
  func entry(_ bridge: RunningBridge) -> String {
    let script = repository.appending(path: "Scripts/in-image.sh").path
    return "'\(script)' \(rawValue) '\(bridge.path("configuration"))' '\(bridge.path("state"))'"
  }
}
