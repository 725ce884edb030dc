internal import CLinux
internal import Glibc

/// The speed of a serial line, as the system takes it.
enum SerialRate {
  /// The C library's constants (POSIX.1-2017, `<termios.h>`, and Linux's own above 38400), by rate in bits a second.
  ///
  /// In headers before glibc 2.42 a constant is a bit pattern, later it is the rate itself. `cfsetspeed` takes the constant
  /// of the headers that a program was built with; a plain number only in some versions.
  static let constants: [Int: speed_t] = [
    300: speed_t(B300), 600: speed_t(B600), 1200: speed_t(B1200), 1800: speed_t(B1800), 2400: speed_t(B2400),
    4800: speed_t(B4800), 9600: speed_t(B9600), 19_200: speed_t(B19200), 38_400: speed_t(B38400),
    57_600: speed_t(B57600), 115_200: speed_t(B115200), 230_400: speed_t(B230400), 460_800: speed_t(B460800),
    500_000: speed_t(B500000), 576_000: speed_t(B576000), 921_600: speed_t(B921600), 1_000_000: speed_t(B1000000),
  ]

  /// Sets a rate that has no constant, by number (`termios2`).
  ///
  /// - Parameters:
  ///   - rate: in bits a second.
  ///   - raw: a port that has its other settings.
  /// - Returns: false with the reason in `errno`.
  static func setNumber(_ rate: Int, on raw: Int32) -> Bool {
    var settings = serial_settings()
    guard unsafe serial_get(raw, &settings) == 0 else { return false }
    settings.c_cflag = settings.c_cflag & ~UInt32(SERIAL_CBAUD | SERIAL_CIBAUD) | UInt32(SERIAL_BOTHER)
    (settings.c_ispeed, settings.c_ospeed) = (UInt32(rate), UInt32(rate))
    return unsafe serial_set(raw, &settings) == 0
  }

  /// The rate that a port runs at, in bits a second; nil if it does not say.
  static func current(of raw: Int32) -> Int? {
    var settings = serial_settings()
    return unsafe serial_get(raw, &settings) == 0 ? Int(settings.c_ospeed) : nil
  }

  /// Whether a meter that sends at `wanted` is understood at `rate`. An adapter divides its clock and seldom makes a rate
  /// exactly; one that cannot make it takes another rate without an error. A character of ten bits bears 5 %.
  static func isUsable(_ rate: Int, for wanted: Int) -> Bool { abs(rate - wanted) * 20 <= wanted }
}
