internal import CLinux
internal import Glibc
internal import Meters
internal import Platform

/// Opens serial ports.
enum SerialPort {
  /// Opens a port exclusively, raw and without waiting for a carrier. Bytes that came before are dropped. A link is followed
  /// each time.
  static func open(_ path: String, _ line: LineSettings) throws(SourceError) -> Descriptor {
    let raw = unsafe Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard raw >= 0 else { throw SerialTrouble.opening(path, errno) }
    let descriptor = Descriptor(raw)
    guard isatty(raw) == 1 else { throw SourceError("\(path) is not a serial port; for a file, write file:\(path)") }
    // The lock comes first: settings of another program's port are not ours to change. Root passes TIOCEXCL, so both.
    guard flock(raw, LOCK_EX | LOCK_NB) == 0 else { throw SourceError(SerialTrouble.taken(path)) }
    if !isPseudoTerminal(raw) { _ = ioctl(raw, UInt(TIOCEXCL), 0) }
    try set(line, on: raw, path, TCSANOW)
    raiseLines(raw)
    tcflush(raw, TCIFLUSH)
    return descriptor
  }

  /// Whether it is a pty of `simulate` or socat (majors 136 to 143 of Linux's devices.txt). There a mark of exclusive use would
  /// outlive this process, and keep the next one out.
  private static func isPseudoTerminal(_ raw: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(raw, &status) == 0 && (136...143).contains(gnu_dev_major(status.st_rdev))
  }

  /// Sets an open port. With TCSADRAIN it waits for the last bits of what was sent, so all but these must have left.
  static func set(_ line: LineSettings, on raw: Int32, _ path: String, _ moment: Int32) throws(SourceError) {
    let constant = SerialRate.constants[line.baud]
    var settings = termios(line)
    // A rate without a constant is set as a number, in a second step.
    guard unsafe cfsetspeed(&settings, constant ?? speed_t(B38400)) == 0, take(&settings, on: raw, moment),
      constant != nil || SerialRate.setNumber(line.baud, on: raw)
    else { throw SourceError("\(path) does not take \(line): \(Errno(errno))") }
    if let rate = SerialRate.current(of: raw), !SerialRate.isUsable(rate, for: line.baud) {
      throw SourceError("\(path) does not take \(line): its adapter runs at \(rate) baud instead")
    }
  }

  /// Gives a port its settings; false with the reason in `errno`.
  private static func take(_ settings: inout Glibc.termios, on raw: Int32, _ moment: Int32) -> Bool {
    // A pty or an adapter silently leaves out what it does not know (parity, seven bits). That is fine: `ParityMarks` takes
    // off bit 8.
    guard unsafe tcsetattr(raw, moment, &settings) != 0 else { return true }
    let code = errno
    // The C library reports an error when nothing has changed: also when such a port is opened for the second time with
    // everything else already set.
    let isUnchanged = code == EINVAL && stand(settings, on: raw)
    errno = code
    return isUnchanged
  }

  /// Whether a port has these settings, except parity and the number of bits.
  private static func stand(_ wanted: Glibc.termios, on raw: Int32) -> Bool {
    var there = Glibc.termios()
    var wanted = wanted
    guard unsafe tcgetattr(raw, &there) == 0, unsafe cfgetospeed(&there) == cfgetospeed(&wanted) else { return false }
    let rest = tcflag_t(CREAD | CLOCAL) | tcflag_t(CRTSCTS)
    return there.c_iflag == wanted.c_iflag && there.c_oflag == wanted.c_oflag && there.c_lflag == wanted.c_lflag
      && there.c_cflag & rest == wanted.c_cflag & rest
  }

  /// Settings for plain bytes, everything that the terminal driver could do to them off; without the speed.
  ///
  /// A byte with bad parity or without a stop bit comes marked (`ParityMarks`). Ready To Send stays up when the port is
  /// closed: adapters that take their power or their reset from it go on undisturbed.
  private static func termios(_ line: LineSettings) -> Glibc.termios {
    var settings = Glibc.termios()
    settings.c_iflag = tcflag_t(INPCK | PARMRK)
    settings.c_oflag = 0
    settings.c_lflag = 0
    settings.c_cflag = tcflag_t(CREAD | CLOCAL)
    settings.c_cflag |= tcflag_t(line.dataBits == 7 ? CS7 : CS8)
    if line.stopBits == 2 { settings.c_cflag |= tcflag_t(CSTOPB) }
    switch line.parity {
    case .none: break
    case .even: settings.c_cflag |= tcflag_t(PARENB)
    case .odd: settings.c_cflag |= tcflag_t(PARENB | PARODD)
    }
    unsafe withUnsafeMutableBytes(of: &settings.c_cc) { characters in
      unsafe characters[Int(VMIN)] = 1
      unsafe characters[Int(VTIME)] = 0
    }
    return settings
  }

  /// A P1 meter sends only while its data request line is up. Some optical heads and level converters take their power
  /// from these lines. A pty does not have them.
  private static func raiseLines(_ raw: Int32) {
    var lines = Int32(TIOCM_RTS | TIOCM_DTR)
    _ = unsafe ioctl(raw, UInt(TIOCMBIS), &lines)
  }
}
