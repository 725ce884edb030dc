import Foundation
import Glibc
import Testing
import TestSupport

@testable import Platform

private let unit = repository.appending(path: "deploy/meterbridge.service")
private let analyze = "/usr/bin/systemd-analyze"

/// What a command says, on both its outputs; nil unless it ends well.
private func output(_ command: String) throws -> String? {
  let folder = try TemporaryFolder()
  let status = try ChildProcess("/bin/sh", ["-c", "\(command) >\"$0\" 2>&1", folder.path("output")]).wait()
  return status == 0 ? try folder.text("output") : nil
}

/// The unit as `make install` leaves it below this prefix.
private func installedUnit(_ prefix: String, in folder: TemporaryFolder) throws -> String {
  let script = repository.appending(path: "Scripts/install.sh").path
  let place = "DESTDIR='\(folder.path)' PREFIX=\(prefix) PROGRAM='\(RealProgram.path)'"
  try #require(try output("\(place) '\(script)' install") != nil)
  return "\(prefix.dropFirst())/lib/systemd/system/meterbridge.service"
}

@Test(
  "systemd finds no mistake in the installed unit, and rates its exposure at 1.5 or better",
  arguments: ["/usr", "/usr/local", "/opt/meterbridge"])
func unitIsRight(prefix: String) throws {
  let folder = try TemporaryFolder()
  let unit = try installedUnit(prefix, in: folder)
  let text = try folder.text(unit)
  #expect(text.contains("\nExecStart=\(prefix)/bin/meterbridge run "))
  #expect(text.contains("\nExecPaths=\(prefix)/bin/meterbridge "))
  try folder.write(text.replacing("\(prefix)/bin/meterbridge", with: RealProgram.path), to: "meterbridge.service")
  #expect(try output("\(analyze) verify --man=no '\(folder.path("meterbridge.service"))'") == "")
  #expect(try output("\(analyze) security --offline=true --threshold=15 '\(folder.path(unit))'") != nil)
}

/// System calls by the unit's `SystemCallFilter=`: in their order, as systemd applies them.
private func allowedCalls() throws -> Set<Substring> {
  var allowed: Set<Substring> = []
  for line in try String(contentsOf: unit, encoding: .utf8).split(separator: "\n") {
    guard let value = line.split(separator: "SystemCallFilter=", maxSplits: 1).first, value.count < line.count else {
      continue
    }
    let isDenied = value.hasPrefix("~")
    for name in value.drop(while: { $0 == "~" }).split(separator: " ") {
      let calls = try calls(of: name)
      allowed = isDenied ? allowed.subtracting(calls) : allowed.union(calls)
    }
  }
  // Always allowed in a list of what is allowed (systemd.exec(5)).
  return allowed.union(try calls(of: "@default"))
}

/// The calls of a group, and of the groups in it.
private func calls(of name: Substring) throws -> Set<Substring> {
  guard name.hasPrefix("@") else { return [name] }
  let lines = try #require(try output("\(analyze) syscall-filter '\(name)'")).split(separator: "\n").dropFirst()
  let members = lines.map { $0.drop { $0 == " " } }.filter { !$0.hasPrefix("#") }
  return try members.reduce(into: []) { $0.formUnion(try calls(of: $1)) }
}

/// The names of the system calls that `strace -f` has written down.
private func calls(in trace: String) -> Set<Substring> {
  Set(
    trace.split(separator: "\n").compactMap { line in
      let call = line.drop { $0.isNumber }.drop { $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      return !call.isEmpty && line.contains("\(call)(") ? call : nil
    })
}

private let hasTracer = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

@Suite(.enabled(if: Soak.minutes != nil && geteuid() == 0 && hasTracer)) struct SoakServiceTests {
  /// Two serial ports, a page, a broker with TLS, an outage with the journal, a reload, the end.
  @Test("the unit allows every system call of the release program")
  func systemCalls() throws {
    let broker = try tlsBroker()
    let bridge = try RunningBridge(broker)
    let meter = try ScriptedMeter(in: bridge)
    let page = try Page("/XYZ5TEST\r\n\r\n1-0:1.7.0(00.472*kW)\r\n!\r\n")
    try bridge.simulate("mbus-pro380=bus")
    let meters = [
      FaultHarness.meter("grid"), "  - {id: heat, protocol: mbus, source: $/bus, interval: 1s}",
      "  - {id: page, protocol: p1, source: 'http://localhost:\(page.port)/', interval: 1s}",
    ]
    let files = ["ca_file: '\(broker.path("ca.pem").path)'", "cert_file: '\(broker.path("client.pem").path)'"]
    let key = "key_file: '\(broker.path("client.key").path)'"
    try bridge.configure(
      meters.joined(separator: "\n"), mqtt: "tls: {\((files + [key]).joined(separator: ", "))}")
    // `-D`: the program stays the process that the test has started.
    try bridge.run(RealProgram.release, within: "strace -D -f -qq -o '\(bridge.path("trace"))'")
    func connections() -> Int { bridge.log.split(separator: "\n").count { $0.contains("connected to broker") } }
    #expect(meter.awaitListener() && eventually { connections() == 1 }, "\(bridge.log)")
    broker.end()
    for _ in 0..<3 { meter.send() }
    #expect(eventually { bridge.isInJournal(ScriptedMeter.payload(3)) })
    try broker.start()
    #expect(eventually { connections() == 2 }, "\(bridge.log)")
    kill(try #require(bridge.daemon).id, SIGHUP)
    #expect(eventually { bridge.log.contains("configuration read again") })
    #expect(bridge.log.contains("http://localhost:\(page.port)/: open"))
    bridge.end()
    let made = calls(in: try String(contentsOfFile: bridge.path("trace"), encoding: .utf8))
    #expect(made.isSuperset(of: ["execve", "ioctl", "sendto", "fdatasync"]), "\(made.sorted())")
    // SQLite gives the files of its journal the owner of the database, for root alone.
    let refused = made.subtracting(try allowedCalls()).subtracting(["fchown"])
    #expect(refused.isEmpty, "\(refused)")
  }

  @Test("the unit allows no system call of an administrator")
  func deniedCalls() throws {
    let denied: Set<Substring> = ["ptrace", "mount", "chown", "setuid", "setrlimit", "bpf", "kexec_load", "reboot"]
    #expect(try allowedCalls().isDisjoint(with: denied))
  }
}
