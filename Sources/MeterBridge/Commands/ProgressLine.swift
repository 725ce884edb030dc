internal import Glibc

/// A line on a terminal that is written over as a command goes on. Elsewhere nothing is written.
struct ProgressLine {
  private let terminal: Console?
  private var isShown = false

  /// - Parameter console: whose messages go to the terminal.
  init(_ console: Console) { terminal = isatty(console.errors) == 1 ? Console(output: console.errors) : nil }

  mutating func show(_ text: String) {
    terminal?.write("\r\u{1B}[K\(text)")
    isShown = true
  }

  /// Takes the line away, before something else is written.
  mutating func clear() {
    if isShown { terminal?.write("\r\u{1B}[K") }
    isShown = false
  }
}
