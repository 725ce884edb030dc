import Foundation
import Glibc
import Testing
import TestSupport

@testable import MQTT

/// A real mosquitto on a loopback port of its own, which can be ended and started again.
final class Broker {
  let port: UInt16
  private let folder: URL
  private let within: String
  private var process: ChildProcess?

  /// `within` is a command that runs the words behind it.
  init(
    _ settings: String = "", accessList: String = "topic readwrite #\n", starts: Bool = true, within: String = ""
  ) throws {
    port = try freePort()
    self.within = within
    folder = FileManager.default.temporaryDirectory.appending(path: "broker-\(port)-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try accessList.write(to: path("acl"), atomically: true, encoding: .utf8)
    let listener = settings.contains("listener") ? "" : "listener \(port) 127.0.0.1"
    try """
    \(listener)
    \(settings.contains("allow_anonymous") ? "" : "allow_anonymous true")
    \(settings.contains("acl_file") ? "" : "acl_file \(path("acl").path)")
    user root
    log_dest none
    \(settings.replacing("$FOLDER", with: folder.path).replacing("$PORT", with: "\(port)"))
    """.write(to: path("mosquitto.conf"), atomically: true, encoding: .utf8)
    if starts { try start() }
  }

  var address: BrokerAddress { BrokerAddress(host: "127.0.0.1", port: port) }

  func path(_ name: String) -> URL { folder.appending(path: name) }

  /// Its memory is empty: it keeps nothing on disk.
  func start() throws {
    let command = "exec \(within) /usr/sbin/mosquitto -c \"$0\""
    process = try ChildProcess("/bin/sh", ["-c", command, path("mosquitto.conf").path])
  }

  /// Whether it takes connections; it needs a moment to start.
  var isListening: Bool {
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(made) }
    return unsafe withLoopback(port) { unsafe connect(made, $0, $1) } == 0
  }

  func end(_ signal: Int32 = SIGTERM) {
    process?.end(signal)
    process = nil
  }

  /// SIGSTOP, SIGCONT, SIGHUP.
  func signal(_ number: Int32) { if let process { kill(process.id, number) } }

  /// Makes a password file with one user.
  func setPassword(user: String, password: String) throws {
    let made = try ChildProcess("/usr/bin/mosquitto_passwd", ["-b", "-c", path("passwords").path, user, password])
    try #require(made.wait() == 0)
  }

  deinit {
    signal(SIGCONT)
    end()
    try? FileManager.default.removeItem(at: folder)
  }
}
