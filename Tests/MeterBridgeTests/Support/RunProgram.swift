import Glibc
import Testing
import TestSupport

@testable import MeterBridge

/// Runs a command line with its output in files.
func runProgram(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
  let folder = try TemporaryFolder()
  let descriptors = try ["output", "errors"].map { name in
    let descriptor = unsafe open(folder.path + "/" + name, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    return descriptor
  }
  defer { descriptors.forEach { close($0) } }
  let status = Program.run(words, Console(output: descriptors[0], errors: descriptors[1]))
  return (status, try folder.text("output"), try folder.text("errors"))
}
