import Glibc
import TestSupport

@testable import Base

/// A pty: the end that a meter's cable would be, and the path of the port.
final class TestPort {
  let cable: Int32
  let path: String
  private var isOpen = true
  /// The end of the program, where this test has it open too. The number of a pty that is gone is given to the next one, to
  /// another test's perhaps, and whoever looks for this port would find that: so it stays open as long as the tests run.
  private let port: Int32

  init() throws {
    var (one, other): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    guard unsafe openpty(&one, &other, &name, nil, nil) == 0 else { throw Failure(what: "openpty") }
    cable = one
    port = other
    for end in [cable, port] {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { unplug() }

  func unplug() {
    if isOpen { close(cable) }
    isOpen = false
  }

  /// Returns how many bytes the line took.
  @discardableResult func write(_ bytes: [UInt8]) -> Int { unsafe Glibc.write(cable, bytes, bytes.count) }

  /// What has been sent to the meter and not yet read.
  func read() -> [UInt8] { MeterBridgeTests.read(cable) }

  /// All that has been sent to the meter. A pty hands bytes on in its own time, so a mark is sent behind them and waited for.
  func readAll() -> [UInt8] {
    guard isOpen else { return [] }
    let mark = (0..<16).map { _ in UInt8.random(in: 0x80...0xFF) }
    var unsent = mark[...]
    var all: [UInt8] = []
    let isAll = eventually(every: 1) {
      if !unsent.isEmpty { unsent = unsent.dropFirst(max(0, unsafe Glibc.write(port, Array(unsent), unsent.count))) }
      all += read()
      return all.suffix(mark.count) == mark[...]
    }
    return isAll ? Array(all.dropLast(mark.count)) : all
  }
}

/// Returns when there is something to be read; at once where nothing is open.
func awaitBytes(at descriptor: Int32) {
  guard descriptor >= 0 else { return }
  var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  _ = unsafe poll(&waiting, 1, 60_000)
}

func read(_ descriptor: Int32) -> [UInt8] {
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
  return Array(buffer[..<max(0, count)])
}
