import Decoders
import Glibc

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// Does for one source what the meter loop does, on a clock that can be told to run ahead: waiting for a next try takes
/// no time. And where the machine stands still, so does the clock.
final class SourceDriver {
  let connection: SourceConnection
  private(set) var events: [SourceEvent] = []
  private(set) var now = Clock.now()
  private var lastStep = Clock.now()

  init(_ connection: SourceConnection) { self.connection = connection }

  func skip(_ time: Milliseconds) { now = now + time }

  /// One round of the loop.
  func step(waiting milliseconds: Milliseconds = 10) {
    let step = Clock.now()
    now = now + min(step - lastStep, 10)
    lastStep = step
    let descriptor = connection.pollDescriptor
    if descriptor < 0, let deadline = connection.deadline { now = max(now, deadline) }
    var polled = PollSet()
    let token = connection.interest.map { polled.add($0) }
    let isDue = connection.deadline.map { $0 <= now } ?? false
    polled.wait(atMost: isDue ? 0 : milliseconds)
    connection.service(polled.readiness(of: token), now: now)
    events += connection.takeEvents()
  }

  /// Rounds until something holds; false if it does not within a minute.
  func run(until holds: () -> Bool) -> Bool {
    let end = Clock.now() + .minutes(1)
    while !holds() {
      guard Clock.now() < end else { return false }
      step()
    }
    return true
  }

  var lost: [String] { events.compactMap { if case .lost(let reason) = $0 { reason } else { nil } } }
  var opened: Int { events.count { $0 == .opened } }
  var frames: [[UInt8]] {
    events.flatMap { event -> [[UInt8]] in if case .dialogue(.readout(_, let frames)) = event { frames } else { [] } }
  }
  var rejected: [[UInt8]] {
    events.compactMap { if case .dialogue(.rejected(_, let bytes, _)) = $0 { bytes } else { nil } }
  }
}

extension SourceConnection {
  /// -1 for nothing to wait for.
  var pollDescriptor: Int32 { interest?.descriptor ?? -1 }
}

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
    let isAll = eventually {
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

struct Failure: Error {
  let what: String
}

func read(_ descriptor: Int32) -> [UInt8] {
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
  return Array(buffer[..<max(0, count)])
}

/// A folder of our own that goes away with its owner.
final class TestFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/meterbridge-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Failure(what: "mkdtemp") }
    path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    for name in SerialTrouble.names(in: path) { _ = unsafe unlink("\(path)/\(name)") }
    _ = unsafe rmdir(path)
  }

  func link(_ name: String, to target: String) -> String {
    let link = "\(path)/\(name)"
    _ = unsafe unlink(link)
    _ = unsafe symlink(target, link)
    return link
  }

  func write(_ name: String, _ bytes: [UInt8]) {
    let descriptor = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = unsafe Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }
}

/// A listener for telegrams that are short to write down.
func mbusListener(interval: Milliseconds? = nil) -> Listener {
  Listener(framer: MBusFramer(), gap: 200, interval: interval)
}

/// Ten bytes: an answer of the slave with this address, without a header.
func shortTelegram(_ number: UInt8) -> [UInt8] {
  MBusFrame.long(control: 0x08, address: number, information: 0x78, data: [number]).bytes
}
