import CLinux
import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// Keeps what comes in, and sends what it is told.
private struct Recorder: Dialogue {
  var inputs: [LineInput] = []
  var outputs: [DialogueOutput] = []
  var greeting: [UInt8] = []

  mutating func opened(now: Instant) { if !greeting.isEmpty { outputs.append(.send(greeting)) } }
  mutating func received(_ input: LineInput, now: Instant) {
    outputs.append(.readout(meter: 0, frames: [input.bytes]))
    if !input.damaged.isEmpty {
      outputs.append(.rejected(meter: nil, bytes: [], error: DecodeError(.parityError, at: input.damaged[0])))
    }
  }
  mutating func closed(now: Instant) {}
  mutating func poll(meter: Int, now: Instant) -> Bool { false }
  mutating func tick(now: Instant) {}
  var deadline: Instant? { nil }
  mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs = [] }
    return outputs
  }
}

private func line(_ baud: Int, _ dataBits: Int, _ parity: LineSettings.Parity) -> LineSettings {
  LineSettings(baud: baud, dataBits: dataBits, parity: parity, stopBits: 1)
}

private func driver(
  _ path: String, _ line: LineSettings = ProtocolDescription.p1.line, _ dialogue: any Dialogue = mbusListener()
) -> SourceDriver {
  SourceDriver(SourceConnection(.serial(path: path), line: line, dialogue: dialogue, lookup: nil))
}

@Suite struct SerialPortTests {
  struct Line: Sendable, CustomTestStringConvertible {
    let line: LineSettings
    let mask: UInt8
    var testDescription: String { "\(line)" }
  }

  @Test(
    "bytes pass unchanged with all line settings",
    arguments: [
      Line(line: line(115_200, 8, .none), mask: 0xFF), Line(line: line(2400, 8, .even), mask: 0xFF),
      Line(line: line(9600, 7, .even), mask: 0x7F), Line(line: line(300, 8, .odd), mask: 0xFF),
    ]) func bytesPassUnchanged(line: Line) throws
  {
    let port = try TestPort()
    let driver = driver(port.path, line.line, Recorder())
    driver.step()
    let bytes = (0...255).map(UInt8.init) + [0xFF, 0xFF, 0x00, 0xFF]
    port.write(bytes)
    #expect(driver.run { driver.frames.joined().count >= bytes.count })
    #expect(Array(driver.frames.joined()) == bytes.map { $0 & line.mask })
    #expect(driver.rejected.isEmpty)
    #expect(driver.events.first == .opened)
  }

  @Test("the port is raw and non-blocking") func rawSettings() throws {
    let port = try TestPort()
    let open = try SerialPort.open(port.path, line(2400, 8, .even))
    var settings = termios()
    let read = unsafe tcgetattr(open.raw, &settings)
    #expect(read == 0)
    #expect(settings.c_lflag == 0)
    #expect(settings.c_oflag == 0)
    #expect(settings.c_iflag == tcflag_t(INPCK | PARMRK))
    #expect(settings.c_cflag & tcflag_t(CRTSCTS) == 0)
    #expect(fcntl(open.raw, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(open.raw, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test("every baud rate is set exactly, also one that no constant has", arguments: LineSettings.baudRates + [12_345])
  func baudRates(baud: Int) throws {
    let port = try TestPort()
    let open = try SerialPort.open(port.path, line(baud, 8, .none))
    var settings = serial_settings()
    let read = unsafe serial_get(open.raw, &settings)
    #expect(read == 0)
    #expect(settings.c_ospeed == baud)
    #expect(settings.c_lflag == 0)
    #expect(settings.c_iflag == UInt32(INPCK | PARMRK))
  }

  @Test("a port changes its rate between constants and numbers") func rateChange() throws {
    let port = try TestPort()
    for baud in [9600, 250_000, 250_000, 115_200, 76_800, 9600] {
      let open = try SerialPort.open(port.path, line(baud, 8, .even))
      #expect(SerialRate.current(of: open.raw) == baud)
      open.close()
    }
  }

  @Test("a rate of an adapter may be 5 % off") func rateTolerance() {
    #expect(SerialRate.isUsable(115_384, for: 115_200))
    #expect(SerialRate.isUsable(288, for: 300))
    #expect(!SerialRate.isUsable(9600, for: 115_200))
    #expect(!SerialRate.isUsable(0, for: 300))
  }

  @Test("a port without parity can be opened again") func reopenWithoutParity() throws {
    let port = try TestPort()
    for _ in 0..<3 {
      let driver = driver(port.path, line(2400, 8, .even), Recorder())
      driver.step()
      // Again and again: another test's child may hold the lock for a moment, and opening drops what came before.
      let isHeard = driver.run {
        port.write([0x10])
        return !driver.frames.isEmpty
      }
      #expect(isHeard, "\(driver.events)")
      driver.connection.close(now: Clock.now())
    }
  }

  @Test("a port has one reader") func exclusiveUse() throws {
    let port = try TestPort()
    let first = try SerialPort.open(port.path, ProtocolDescription.p1.line)
    let second = driver(port.path)
    second.step()
    #expect(second.lost.count == 1)
    #expect(second.lost.first?.hasPrefix("another program reads \(port.path)") == true)
    first.close()
    #expect(second.run { second.connection.pollDescriptor >= 0 })
    port.write(shortTelegram(1))
    #expect(second.run { second.opened == 1 && second.frames.count == 1 })
  }

  @Test("a pty is not marked: it would keep out the next program of the user") func ptyIsNotMarked() throws {
    let port = try TestPort()
    let open = try SerialPort.open(port.path, ProtocolDescription.p1.line)
    var isExclusive: Int32 = -1
    let getExclusive: UInt = 0x8004_5440  // TIOCGEXCL of <asm-generic/ioctls.h>
    let read = unsafe ioctl(open.raw, getExclusive, &isExclusive)
    #expect(read == 0)
    #expect(isExclusive == 0)
  }

  @Test("bytes from before the opening are dropped") func oldBytesDropped() throws {
    let port = try TestPort()
    let keep = unsafe open(port.path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { close(keep) }
    port.write(Array("/old\n".utf8))
    let driver = driver(port.path, ProtocolDescription.p1.line, Recorder())
    driver.step()
    port.write([1, 2, 3])
    #expect(driver.run { !driver.frames.isEmpty })
    #expect(driver.frames == [[1, 2, 3]])
  }

  @Test("bytes that are sent arrive") func sending() throws {
    let port = try TestPort()
    let driver = driver(
      port.path, ProtocolDescription.mbus.line, Recorder(greeting: [0x10, 0x40, 0xFF, 0x3F, 0x0A, 0x16]))
    var arrived: [UInt8] = []
    #expect(
      driver.run {
        arrived += port.read()
        return arrived.count >= 6
      })
    #expect(arrived == [0x10, 0x40, 0xFF, 0x3F, 0x0A, 0x16])
  }

  @Test("a line that takes no bytes is lost") func stuckLine() throws {
    let port = try TestPort()
    let driver = driver(
      port.path, ProtocolDescription.mbus.line, Recorder(greeting: [UInt8](repeating: 0x55, count: 100_000)))
    #expect(driver.run { !driver.lost.isEmpty })
    #expect(driver.lost.first?.hasSuffix("takes no more bytes") == true)
  }

  @Test("one step reads a bounded number of bytes") func boundedStep() throws {
    let port = try TestPort()
    let driver = driver(port.path, ProtocolDescription.p1.line, Recorder())
    driver.step()
    let sent = port.write([UInt8](repeating: 0x55, count: 16_000))
    #expect(sent > 2 * Limits.readBytes)
    #expect(driver.run { !driver.frames.isEmpty })
    #expect(driver.frames.joined().count <= Limits.readBytes)
    #expect(driver.run { driver.frames.joined().count == sent })
  }

  @Test("an adapter that comes back as another device is found by its link") func unpluggedAndBack() throws {
    let folder = try TemporaryFolder()
    let first = try TestPort()
    let link = folder.link("port", to: first.path)
    let driver = driver(link)
    driver.step()
    first.write(shortTelegram(1))
    #expect(driver.run { driver.frames.count == 1 })
    first.unplug()
    #expect(driver.run { !driver.lost.isEmpty })
    let second = try TestPort()
    _ = unsafe unlink(link)
    for _ in 0..<100 { driver.step() }  // a hundred seconds of the driver's clock
    #expect(driver.lost == ["\(link) was unplugged"])
    let before = driver.now
    _ = folder.link("port", to: second.path)
    #expect(driver.run { driver.connection.pollDescriptor >= 0 })
    #expect(driver.now - before < .seconds(2))
    second.write(shortTelegram(2))
    #expect(driver.run { driver.frames.count == 2 })
    #expect(driver.opened == 2)
  }

  @Test("unplugging rejects the telegram under way") func unpluggedInTelegram() throws {
    let port = try TestPort()
    let driver = driver(port.path)
    driver.step()
    port.write(Array(shortTelegram(1).dropLast(3)))
    #expect(driver.run { driver.opened == 1 })
    port.unplug()
    #expect(driver.run { !driver.lost.isEmpty })
    #expect(driver.rejected == [Array(shortTelegram(1).dropLast(3))])
  }

  @Test("a silent port is opened again, which is told once") func silentPort() throws {
    let port = try TestPort()
    let driver = driver(port.path, ProtocolDescription.p1.line, mbusListener(interval: .seconds(20)))
    driver.step()
    let first = driver.connection.pollDescriptor
    for _ in 0..<5 {
      driver.skip(.seconds(61))
      driver.step()
    }
    #expect(first >= 0)
    #expect(driver.lost.isEmpty)
    #expect(driver.events == [.opened, .silent(reason: "no telegram for 61 s", .nothing)])
    port.write(shortTelegram(1))
    #expect(driver.run { driver.frames.count == 1 })
    driver.connection.decoded()
    driver.skip(.seconds(61))
    driver.step()
    #expect(driver.events.count { if case .silent = $0 { true } else { false } } == 2)
  }

  // MARK: What users are told

  @Test("the error names the file that is not a port") func notAPort() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "capture")
    #expect(
      throws: SourceError("\(folder.path)/capture is not a serial port; for a file, write file:\(folder.path)/capture")
    ) {
      _ = try SerialPort.open("\(folder.path)/capture", ProtocolDescription.p1.line)
    }
  }

  @Test("the error for a missing adapter lists those plugged in") func missingAdapter() {
    #expect(
      SerialTrouble.notThere("/dev/ttyUSB0", adapters: [])
        == "/dev/ttyUSB0 is not there: is the adapter plugged in? (no serial adapter is plugged in)")
    #expect(
      SerialTrouble.notThere("/dev/ttyUSB0", adapters: ["usb-FTDI-if00", "usb-CP210x-if00"])
        == "/dev/ttyUSB0 is not there: is the adapter plugged in? (plugged in are usb-FTDI-if00, usb-CP210x-if00)")
  }

  @Test("the error names the group to join") func groupToJoin() {
    let text = SerialTrouble.forbidden("/dev/ttyUSB0", group: "dialout", user: "pi", isService: false)
    #expect(text.contains("sudo usermod -aG dialout pi"))
    #expect(SerialTrouble.forbidden("/dev/ttyUSB0", group: nil, user: "pi", isService: false).contains("udev rule"))
    let service = SerialTrouble.forbidden("/dev/ttyUSB0", group: "dialout", user: "root", isService: true)
    #expect(service.contains("SupplementaryGroups=dialout") && !service.contains("usermod"))
    let root = SerialTrouble.forbidden("/dev/ttyUSB0", group: "dialout", user: "root", isService: false)
    #expect(!root.contains("usermod"))
    // What a list of devices closes is not a matter of groups.
    let listed = SerialTrouble.closed("/dev/ttyUSB0", isService: true)
    #expect(listed.hasPrefix("systemd's device list closes /dev/ttyUSB0"))
    let closed = SerialTrouble.opening("/dev/ttyUSB0", EPERM).reason
    #expect(closed.contains("closes /dev/ttyUSB0 to this") && !closed.contains("group"))
  }

  @Test("another user is told the group to join") func groupForAnotherUser() async throws {
    guard geteuid() == 0 else { return }
    await #expect(processExitsWith: .success) {
      let port = try TestPort()
      guard let group = unsafe getgrnam("dialout") else { throw Failure(what: "no group dialout") }
      let isPrepared = unsafe chown(port.path, 0, group.pointee.gr_gid) == 0 && chmod(port.path, 0o660) == 0
      let isNobody = setgroups(0, nil) == 0 && setgid(65_534) == 0 && setuid(65_534) == 0
      #expect(isPrepared && isNobody)
      let driver = SourceDriver(
        SourceConnection(
          .serial(path: port.path), line: ProtocolDescription.p1.line, dialogue: mbusListener(), lookup: nil))
      driver.step()
      let reason = try #require(driver.lost.first)
      #expect(reason.contains("sudo usermod -aG dialout nobody"), "\(reason)")
    }
  }
}

@Suite struct ParityMarksTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let raw: [UInt8]
    let bytes: [UInt8]
    var damaged: [Int] = []
    var dataBits = 8
    var testDescription: String { "\(raw)" }
  }

  @Test(
    "parity marks are taken out",
    arguments: [
      Sample(raw: [0x68, 0xFF, 0xFF, 0x16], bytes: [0x68, 0xFF, 0x16]),
      Sample(raw: [0x68, 0xFF, 0x00, 0x12, 0x16], bytes: [0x68, 0x12, 0x16], damaged: [1]),
      Sample(raw: [0xFF, 0x00, 0xFF, 0xFF, 0x00, 0x00], bytes: [0xFF, 0x00], damaged: [0, 1]),
      Sample(raw: [0xFF, 0x41, 0x42], bytes: [0xFF, 0x41, 0x42]),
      Sample(raw: [0xAF, 0x21, 0xFF, 0x00, 0xC1], bytes: [0x2F, 0x21, 0x41], damaged: [2], dataBits: 7),
    ]) func marksRemoved(sample: Sample)
  {
    for piece in [1, 2, 100] {
      var marks = ParityMarks(dataBits: sample.dataBits)
      var bytes: [UInt8] = []
      var damaged: [Int] = []
      var rest = sample.raw[...]
      while !rest.isEmpty {
        let input = marks.decode(Array(rest.prefix(piece)))
        damaged += input.damaged.map { $0 + bytes.count }
        bytes += input.bytes
        rest = rest.dropFirst(piece)
      }
      #expect(bytes == sample.bytes)
      #expect(damaged == sample.damaged)
    }
  }
}
