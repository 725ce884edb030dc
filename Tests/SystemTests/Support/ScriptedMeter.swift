import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Simulator

/// A P1 meter on a pty whose every telegram carries a number of its own, so that a test knows what must arrive.
final class ScriptedMeter {
  private var pty: PseudoTerminal
  private var isPluggedIn = true
  /// The numbers sent, in order.
  private(set) var sent: [Int] = []
  private var last: Int
  private let bridge: RunningBridge
  /// How often the program has said that it has the port open.
  private var opened = 0

  /// Puts the port at a place in the folder of a bridge; numbers go on behind `last`.
  init(in bridge: RunningBridge, _ name: String = "port", after last: Int = 0) throws {
    pty = try PseudoTerminal(link: bridge.path(name))
    self.last = last
    self.bridge = bridge
    opened = timesOpened
  }

  private var timesOpened: Int { bridge.log.split(separator: "\n").count { $0.hasSuffix("\(pty.link): open") } }

  /// Whether the program has the port open.
  var isOpen: Bool {
    guard isPluggedIn else { return false }
    pty.refresh()
    return pty.isListened
  }

  /// Waits until the program listens: when it opens a port it throws away what is in it, so what is sent too soon is lost.
  func awaitListener() -> Bool {
    defer { opened = timesOpened }
    let isListening = eventually {
      if isOpen { pty.write([0x0D, 0x0A]) }
      return timesOpened > opened
    }
    if !isListening { Issue.record("\(pty.link) is not opened: \(bridge.log)") }
    return isListening
  }

  /// Sends the next telegram; its number.
  @discardableResult
  func send() -> Int {
    last += 1
    sendRaw(ScriptedMeter.telegram(last))
    sent.append(last)
    return last
  }

  /// Sends bytes. Where a program listens that is busy for a moment, the line waits for it: what a line without flow control
  /// loses is nobody's promise.
  func sendRaw(_ bytes: [UInt8]) {
    guard isOpen, let line = pty.descriptors.first else { return pty.write(bytes) }
    var rest = bytes[...]
    let isTaken = eventually {
      rest = rest.dropFirst(max(0, unsafe Glibc.write(line, Array(rest), rest.count)))
      return rest.isEmpty
    }
    if !isTaken { Issue.record("nobody reads \(pty.link): \(bridge.log)") }
  }

  /// A telegram of version 5 whose import register stands at so many Wh.
  static func telegram(_ number: Int) -> [UInt8] {
    let second = number % 86_400
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    var writer = P1Writer(identification: "XYZ5TEST")
    writer.line("1-3:0.2.8(50)")
    writer.line(
      "0-0:1.0.0(2611\(two(1 + number / 86_400))\(two(second / 3600))\(two(second / 60 % 60))\(two(second % 60))W)")
    writer.number("1-0:1.8.1", thousandths: Int64(number), P1Writer.Format(6, 3, "kWh"))
    writer.number("1-0:1.7.0", thousandths: 472, P1Writer.Format(2, 3, "kW"))
    return writer.finished(hasChecksum: true)
  }

  /// A telegram that cannot be decoded, of 2.8 kB and each time another one: equal ones would be one dead letter.
  static func broken() -> [UInt8] {
    let line = "1-0:1.8.1(\(UInt32.random(in: 0 ... .max)))\r\n"
    return Array("/garbage\r\n\r\n\(String(repeating: line, count: 2800 / line.utf8.count))!0000\r\n".utf8)
  }

  /// What stands on the topic of the register.
  static func payload(_ number: Int) -> String {
    let digits = String(number % 1000)
    return "\(number / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }

  /// Pulls the plug. The number of a pty that is gone is given to the next one, to another test's perhaps, which a program
  /// that looks for its meter would read. With an end open it stays taken, for as long as the tests run.
  func unplug() {
    if isPluggedIn {
      _ = unsafe open(pty.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
      pty.close()
    }
    isPluggedIn = false
  }

  deinit { unplug() }
}

/// A P1 telegram of version 5 with its checksum.
func p1Telegram(_ lines: String..., time: String = "261120120001W") -> [UInt8] {
  let all = ["1-3:0.2.8(50)", "0-0:1.0.0(\(time))"] + lines.filter { !$0.isEmpty }
  let text = "/XYZ5TEST\r\n\r\n" + all.map { $0 + "\r\n" }.joined() + "!"
  let checksum = String(CRC16.arc(Array(text.utf8).span), radix: 16, uppercase: true)
  return Array((text + String(repeating: "0", count: 4 - checksum.count) + checksum + "\r\n").utf8)
}

/// Somebody who writes down whatever the broker sends: mosquitto's own client, with whole payloads.
final class Witness {
  private let file: String
  private let process: ChildProcess
  private let port: UInt16

  /// Returns when it has subscribed.
  init(_ broker: Broker) throws {
    port = broker.port
    file = FileManager.default.temporaryDirectory.appending(path: "witness-\(UUID().uuidString)").path
    // The first client gives up where the broker is not there yet, and comes back to one that it has known.
    let (port, file) = (port, file)
    try #require(eventually { Witness.tell("witness", at: port) == 0 })
    let command = "exec stdbuf -oL mosquitto_sub -h 127.0.0.1 -p \(port) -q 1 -t '#' -F '%t %p' >\"$0\""
    process = try ChildProcess("/bin/sh", ["-c", command, file])
    try #require(isListening())
  }

  /// Whether it has subscribed, again after an outage of the broker.
  func isListening() -> Bool {
    let marker = "witness/\(UUID().uuidString)"
    return eventually {
      Witness.tell(marker, at: port)
      return lines.contains { $0.hasPrefix(marker) }
    }
  }

  @discardableResult
  private static func tell(_ topic: String, at port: UInt16) -> Int32? {
    try? ChildProcess("/usr/bin/mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(port)", "-t", topic, "-m", "here"]).wait()
  }

  deinit {
    process.end(SIGKILL)
    try? FileManager.default.removeItem(atPath: file)
  }

  /// `topic payload`, in the order of their arrival.
  var lines: [Substring] {
    // A broker sends what it got, UTF-8 or not.
    String(decoding: (try? Data(contentsOf: URL(filePath: file))) ?? Data(), as: UTF8.self).split(separator: "\n")
  }

  func last(_ topic: String) -> String? {
    lines.last { $0.hasPrefix("\(topic) ") }.map { String($0.dropFirst(topic.count + 1)) }
  }

  /// The numbers of a scripted meter's readings, in the order of their arrival.
  func numbers(_ meter: String) -> [Int] {
    lines.filter { $0.hasPrefix("meterbridge/\(meter)/reading ") }.compactMap { line in
      guard let start = line.range(of: "\"energy_import_t1\",\"value\":")?.upperBound else { return nil }
      return Int(line[start...].prefix { $0.isNumber || $0 == "." }.filter(\.isNumber))
    }
  }
}

/// What is there first of each number, to be held against what was sent: duplicates are allowed, another order is not.
func withoutRepeats(_ numbers: [Int]) -> [Int] {
  var seen: Set<Int> = []
  return numbers.filter { seen.insert($0).inserted }
}
