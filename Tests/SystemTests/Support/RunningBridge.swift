import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// The real program, as `make build` or `swift build` left it beside the tests.
enum RealProgram {
  static let path: String = {
    let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "meterbridge").path
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    return repository.appending(path: ".build/debug/meterbridge").path
  }()

  /// As `make build` left it, before `make soak`.
  static let release = repository.appending(path: ".build/release/meterbridge").path
}

/// Where tests keep what the program writes: in memory where there is room. A disk that others use too may need seconds for
/// what the program has two to do; `make soak` uses it.
let place: URL = {
  var room = statvfs()
  let memory = unsafe statvfs("/dev/shm", &room) == 0 ? UInt64(room.f_bavail) * UInt64(room.f_frsize) : 0
  return Soak.minutes == nil && memory > 1 << 30 ? URL(filePath: "/dev/shm") : FileManager.default.temporaryDirectory
}()

/// A bridge: a folder of its own, simulated meters, a configuration, and the daemon that reads them.
final class RunningBridge {
  let broker: Broker
  let folder: URL
  private(set) var daemon: ChildProcess?
  private var simulators: [ChildProcess] = []

  init(_ broker: Broker) throws {
    self.broker = broker
    folder = place.appending(path: "bridge-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// Fake meters, once their places are there: `mbus-pro380=bus`, `mbus-gas,address=0=bus`. Their registers stand still
  /// unless told to run.
  @discardableResult
  func simulate(_ meters: String..., speed: Int = 0) throws -> ChildProcess { try simulate(meters, speed: speed) }

  /// The same for a list.
  @discardableResult
  func simulate(_ meters: [String], speed: Int = 0) throws -> ChildProcess {
    let named = meters.map { $0.components(separatedBy: "=") }
    let words = named.map { "\($0.dropLast().joined(separator: "="))=\(path($0.last ?? ""))" }
    let child = try ChildProcess(RealProgram.path, ["simulate", "--speed", "\(speed)"] + words)
    simulators.append(child)
    for place in named.map({ path($0.last ?? "") }) {
      try #require(eventually { FileManager.default.fileExists(atPath: place) })
    }
    return child
  }

  /// Writes the configuration; `$` stands for the folder. `mqtt` takes further settings of that group, `more` other groups.
  /// Readings of an outage go out at once unless `mqtt` says otherwise: the tests have their subscribers.
  func configure(
    _ meters: String, host: String = "127.0.0.1", port: UInt16? = nil, mqtt: String = "", more: String = ""
  ) throws {
    let mqtt = (mqtt.contains("replay_after") ? "" : ", replay_after: 0s") + (mqtt.isEmpty ? "" : ", \(mqtt)")
    try """
    mqtt: {host: \(host), port: \(port ?? broker.port)\(mqtt)}
    \(more)
    state_directory: \(path("state"))
    meters:
    \(meters.replacing("$", with: folder.path))
    """.write(toFile: path("meterbridge.yaml"), atomically: true, encoding: .utf8)
  }

  /// Starts the daemon. `limits` are words of the shell's `ulimit`, each in a command of its own.
  /// `within` is a command that runs the words behind it. `log` takes what it says.
  func run(
    _ program: String = RealProgram.path, limits: [String] = [], within: String = "",
    environment: [String: String] = [:], log: String = "log"
  ) throws {
    let words = [program, "run", "--config", path("meterbridge.yaml")]
    let command = limits.map { "ulimit \($0); " }.joined() + "exec \(within) \"$0\" \"$@\""
    daemon = try ChildProcess("/bin/sh", ["-c", command] + words, log: path(log), environment: environment)
  }

  /// What the daemon has said.
  var log: String { (try? String(contentsOfFile: path("log"), encoding: .utf8)) ?? "" }

  /// A command with the configuration; its exit status.
  func command(_ words: String...) throws -> Int32 {
    try ChildProcess(RealProgram.path, words + ["--config", path("meterbridge.yaml")]).wait()
  }

  /// The exit status of a command with the configuration, and what it prints.
  func result(_ words: String...) throws -> (status: Int32, output: String) {
    let command = "exec \"$0\" \"$@\" >'\(path("output"))' 2>&1"
    let arguments = ["-c", command, RealProgram.path] + words + ["--config", path("meterbridge.yaml")]
    let status = try ChildProcess("/bin/sh", arguments).wait()
    return (status, try String(contentsOfFile: path("output"), encoding: .utf8))
  }

  /// Ends the daemon. One that is told to end must still have been there, and ends well and within two seconds.
  func end(_ signal: Int32 = SIGTERM) {
    guard let daemon else { return }
    self.daemon = nil
    kill(daemon.id, signal)
    let start = Clock.now()
    let hasEnded = eventually { daemon.hasEnded }
    let time = Clock.now() - start
    if !hasEnded { daemon.end(SIGKILL) }
    guard signal == SIGTERM else { return }
    #expect(hasEnded && daemon.exitStatus == 0, "\(log)")
    #expect(time < promised(.seconds(2)), "\(log)")
  }

  /// Whether a text stands somewhere in the journal's files.
  func isInJournal(_ text: String) -> Bool {
    ["", "-wal"].contains { suffix in
      (try? Data(contentsOf: URL(filePath: path("state/journal.sqlite\(suffix)"))))?.range(of: Data(text.utf8)) != nil
    }
  }

  var deadLetters: String { (try? String(contentsOfFile: path("state/dead-letter.jsonl"), encoding: .utf8)) ?? "" }

  deinit {
    daemon?.end()
    simulators.forEach { $0.end() }
    try? FileManager.default.removeItem(at: folder)
  }
}

/// What a promised time is held to. A machine that others use too may stand still for seconds, so an ordinary run only tells
/// what hangs from what waits for its turn; `make soak` holds the promise itself, give or take half a second.
func promised(_ time: Milliseconds) -> Milliseconds {
  Milliseconds(time.count + (Soak.minutes == nil ? 15_000 : 500))
}
