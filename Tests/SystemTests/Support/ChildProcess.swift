import Foundation
import Glibc
import Testing

/// A program started by a test and ended with it.
///
/// Not Foundation's `Process`: tests run on threads that block SIGTERM, SIGINT and SIGHUP, a child of `Process` inherits
/// that mask, and then neither `terminate()` nor a Ctrl-C ever reaches it.
final class ChildProcess {
  let id: pid_t
  private var ended = false
  /// Of a program that has ended: as a shell has it, 128 and its number after a signal.
  private(set) var exitStatus: Int32 = -1

  /// Starts it with the words of its command line, and with `environment` beside that of the tests. `log` is the file
  /// for what it says on standard error: the programs of most tests have nothing to say.
  ///
  /// It ends with the thread that started it, and so with a test run that is killed: a test is one function on one thread.
  init(
    _ path: String, _ arguments: [String], log: String = "/dev/null", environment added: [String: String] = [:]
  ) throws {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var files = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&files)
    defer { unsafe posix_spawn_file_actions_destroy(&files) }
    unsafe posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // What tests have open is not the program's: a pty that somebody else holds is never unplugged.
    // Closed in the child, so that nothing slips in that another test opens at this moment.
    for descriptor in STDERR_FILENO + 1..<1024 { unsafe posix_spawn_file_actions_addclose(&files, descriptor) }
    let wrapper = ["/usr/bin/setpriv", "--pdeathsig", "KILL"]
    var words: [UnsafeMutablePointer<CChar>?] = unsafe (wrapper + [path] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    let variables = ProcessInfo.processInfo.environment.merging(added) { $1 }.map { "\($0)=\($1)" }
    var settings: [UnsafeMutablePointer<CChar>?] = unsafe variables.map { unsafe strdup($0) } + [nil]
    defer { unsafe settings.forEach { unsafe free($0) } }
    var made: pid_t = 0
    let code = unsafe posix_spawn(&made, wrapper[0], &files, &attributes, &words, &settings)
    try #require(code == 0, "\(path): error \(code)")
    id = made
  }

  /// Asks the program to end and waits for it; its exit status.
  @discardableResult
  func end(_ signal: Int32 = SIGTERM) -> Int32 {
    if !ended { kill(id, signal) }
    return wait()
  }

  /// Waits for the program to end by itself; its exit status.
  @discardableResult
  func wait() -> Int32 {
    look(0)
    return exitStatus
  }

  /// Whether it has ended by itself.
  var hasEnded: Bool {
    look(WNOHANG)
    return ended
  }

  private func look(_ options: Int32) {
    var status: Int32 = 0
    guard !ended, unsafe waitpid(id, &status, options) == id else { return }
    ended = true
    exitStatus = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  /// A figure of `/proc/PID/status`, in kB.
  func kilobytes(_ name: String) -> Int { Int(status(name).filter(\.isNumber)) ?? 0 }

  /// Whether it has blocked a signal: so our programs begin, who take signals from a descriptor.
  func isBlocking(_ signal: Int32) -> Bool {
    (UInt64(status("SigBlk"), radix: 16) ?? 0) >> UInt64(signal - 1) & 1 == 1
  }

  /// What `/proc/PID/status` says of something; empty where it does not, or the program is gone.
  private func status(_ name: String) -> Substring {
    let text = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix("\(name):\t") }?.dropFirst(name.count + 2) ?? ""
  }

  deinit { end() }
}
