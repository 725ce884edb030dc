internal import Glibc
internal import Platform

/// A pty that looks like a serial port, with a link to it.
struct PseudoTerminal: LinePort {
  private let master: Int32
  /// `/dev/pts/N`.
  let device: String
  let link: String
  private(set) var isListened = false

  /// Makes a pty and puts a link to it. A link that leads nowhere or to a pty is replaced; anything else is left alone,
  /// and that is an error.
  init(link: String) throws(SimulatorError) {
    var master: Int32 = -1
    var slave: Int32 = -1
    guard unsafe openpty(&master, &slave, nil, nil, nil) == 0 else {
      throw SimulatorError(message: "no pty for \(link): \(Errno.last)")
    }
    // A child that held them would keep the port alive when it is unplugged here.
    for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    makeNonBlocking(master)
    // Raw before a program can open it: a cooked pty would echo the meter's own bytes.
    var settings = termios()
    unsafe tcgetattr(slave, &settings)
    unsafe cfmakeraw(&settings)
    unsafe tcsetattr(slave, TCSANOW, &settings)
    var name = [CChar](repeating: 0, count: 128)
    unsafe ttyname_r(slave, &name, name.count)
    Glibc.close(slave)
    let device = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do throws(SimulatorError) { try Self.put(link, to: device) } catch {
      Glibc.close(master)
      throw error
    }
    self.master = master
    self.device = device
    self.link = link
  }

  /// Without a reader `poll` would report a hang-up at once, for ever.
  var descriptors: [Int32] { isListened ? [master] : [] }
  var needsLooking: Bool { !isListened }

  var baud: Int? {
    // The settings of a pty's master are those of the port that is opened.
    var settings = termios()
    guard unsafe tcgetattr(master, &settings) == 0 else { return nil }
    return Self.rates[unsafe cfgetospeed(&settings)]
  }

  private static let rates: [speed_t: Int] = [
    speed_t(B300): 300, speed_t(B600): 600, speed_t(B1200): 1200, speed_t(B2400): 2400, speed_t(B4800): 4800,
    speed_t(B9600): 9600, speed_t(B19200): 19_200, speed_t(B38400): 38_400,
    speed_t(B57600): 57_600,
  ]

  mutating func refresh() {
    var entry = pollfd(fd: master, events: 0, revents: 0)
    unsafe poll(&entry, 1, 0)
    let wasListened = isListened
    isListened = entry.revents & Int16(POLLHUP) == 0
    // The next reader must not get bytes meant for the last one. Bytes that the last one wrote are still read.
    if wasListened, !isListened { tcflush(master, TCOFLUSH) }
  }

  mutating func read() -> [UInt8] { readAvailable(master) ?? [] }

  mutating func write(_ bytes: [UInt8]) { _ = unsafe Glibc.write(master, bytes, bytes.count) }

  mutating func close() {
    // Another simulator may have replaced the link.
    if Self.target(of: link) == device { unsafe unlink(link) }
    Glibc.close(master)
  }

  private static func put(_ link: String, to device: String) throws(SimulatorError) {
    var status = stat()
    if unsafe lstat(link, &status) == 0 {
      let leadsNowhere = unsafe stat(link, &status) != 0
      guard let target = target(of: link), leadsNowhere || target.hasPrefix("/dev/pts/") else {
        throw SimulatorError(message: "\(link) exists and is not a link of a simulator: name another place")
      }
    }
    // In one step, so that the place is never empty.
    let temporary = "\(link).\(getpid())"
    unsafe unlink(temporary)
    guard unsafe symlink(device, temporary) == 0 else {
      throw SimulatorError(message: "no link can be put at \(link): \(Errno.last)")
    }
    guard unsafe rename(temporary, link) == 0 else {
      let reason = Errno.last
      unsafe unlink(temporary)
      throw SimulatorError(message: "no link can be put at \(link): \(reason)")
    }
  }

  /// Where a link leads; nil for anything else.
  private static func target(of link: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(link, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
