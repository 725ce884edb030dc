import TestSupport

/// What a command of the shell says, on both its outputs, and how it ends.
struct ShellCommand {
  let status: Int32
  let output: String

  /// Runs it in an empty folder; `$0` is the first of `words`, `$1` the second.
  init(_ command: String, _ words: String...) throws {
    let folder = try TemporaryFolder()
    let script = "cd '\(folder.path)'\nexec >output 2>&1 </dev/null\n\(command)"
    status = try ChildProcess("/bin/sh", ["-c", script] + words).wait()
    output = (try? folder.text("output")) ?? ""
  }
}
