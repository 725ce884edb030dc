internal import CLinux
internal import Glibc

/// A line on a terminal that is written over as a command goes on. Elsewhere nothing is written.
struct ProgressLine {
  private let terminal: Console?
  private var isShown = false

  private static let usualWidth = 80

  /// - Parameter console: whose messages go to the terminal.
  init(_ console: Console) { terminal = isatty(console.errors) == 1 ? Console(output: console.errors) : nil }

  mutating func show(_ text: String) {
    guard let terminal else { return }
    // A line that wraps could not be written over.
    terminal.write("\r\u{1B}[K\(text.prefix(Self.width(of: terminal.output) - 1))")
    isShown = true
  }

  /// Takes the line away, before something else is written.
  mutating func clear() {
    if isShown { terminal?.write("\r\u{1B}[K") }
    isShown = false
  }

  private static func width(of descriptor: Int32) -> Int {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usualWidth }
    return Int(size.ws_col)
  }
}
