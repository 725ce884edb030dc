import CLinux
import Glibc
import TestSupport
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private let slow = LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1)
private let fast = LineSettings(baud: 9600, dataBits: 8, parity: .none, stopBits: 1)
private let greeting: [UInt8] = [0x06, 0x30, 0x35, 0x30, 0x0D, 0x0A]

private func driver(_ path: String) -> SourceDriver {
  SourceDriver(
    SourceConnection(.serial(path: path), line: slow, dialogue: Tuner(greeting, then: fast), lookup: nil))
}

extension TestPort {
  /// As the program has set it.
  fileprivate var baud: Int? { SerialRate.current(of: cable) }
}

@Suite struct LineChangeTests {
  @Test("a port changes its settings when the last byte has left it") func afterTheBytes() throws {
    let port = try TestPort()
    let driver = driver(port.path)
    driver.step()
    let start = driver.now
    #expect(port.baud == 300)
    #expect(driver.run { !driver.frames.isEmpty })
    // Six characters of ten bits.
    #expect(driver.now - start >= 200)
    #expect(driver.frames == [[1]] && port.baud == 9600)
    var settings = termios()
    let read = unsafe tcgetattr(port.cable, &settings)
    #expect(read == 0 && settings.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8))
    #expect(port.readAll() == greeting + [0x16])
    // Eight bits now.
    port.write([0xF5])
    #expect(driver.run { driver.frames.last == [0xF5] })
  }

  @Test("a port that is opened again has its first settings") func openedAgain() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (try TestPort(), try TestPort())
    let link = folder.link("port", to: first.path)
    let driver = driver(link)
    #expect(driver.run { driver.frames == [[1]] })
    _ = unsafe unlink(link)
    _ = folder.link("port", to: second.path)
    first.unplug()
    #expect(driver.run { second.baud == 300 })
    #expect(driver.run { driver.frames == [[1], [1]] })
    #expect(second.baud == 9600)
  }

  @Test("a gateway's port that the program does not set keeps its settings") func plainGateway() throws {
    let gateway = try Gateway()
    let driver = SourceDriver(
      SourceConnection(
        .tcp(host: "127.0.0.1", port: gateway.port), line: slow, dialogue: Tuner(greeting, then: fast), lookup: nil))
    let peer = try driver.peer(of: gateway)
    #expect(driver.run { driver.frames == [[0]] })
    let text = "127.0.0.1:\(gateway.port) keeps its line settings: they are set in the gateway"
    #expect(driver.events.contains(.warning(text)))
    var heard: [UInt8] = []
    #expect(
      driver.run {
        heard += read(peer)
        return heard.count >= 7
      })
    #expect(heard == greeting + [0x16])
  }

  @Test("a port that does not get rid of its bytes is lost") func stuck() throws {
    var change = LineChange(slow)
    let start = Instant(milliseconds: 1000)
    change.sent(6, now: start)
    change.order(fast)
    #expect(change.deadline == start + 205)
    #expect(try change.due(isEmpty: true, now: start + 204, of: .serial(path: "/p")) == nil)
    #expect(try change.due(isEmpty: false, now: start + 205, of: .serial(path: "/p")) == nil)
    #expect(change.deadline == start + 210)
    #expect(try change.due(isEmpty: true, now: start + 210, of: .serial(path: "/p")) == fast)
    #expect(throws: SourceError("/p takes no more bytes")) {
      _ = try change.due(isEmpty: false, now: start + .seconds(6), of: .serial(path: "/p"))
    }
  }
}
