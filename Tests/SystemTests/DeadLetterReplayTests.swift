import Decoders
import Foundation
import Glibc
import Testing

@testable import MeterBridge

/// A P1 telegram of version 5 with its checksum.
private func telegram(_ energy: String) -> [UInt8] {
  let text =
    "/XYZ5TEST\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(261120120001W)\r\n1-0:1.8.1(\(energy)*kWh)\r\n1-0:1.7.0(00.472*kW)\r\n!"
  let checksum = String(CRC16.arc(Array(text.utf8).span), radix: 16, uppercase: true)
  return Array((text + String(repeating: "0", count: 4 - checksum.count) + checksum + "\r\n").utf8)
}

/// A broker, a state directory with a log, and everything that is published meanwhile.
private final class Scene {
  let broker: Broker
  let folder: URL
  let log: DeadLetterLog
  var configuration = Configuration()
  private let subscriber: ChildProcess
  private var numbering = DeadLetterNumbering()

  init(accessList: String = "topic readwrite #\n") throws {
    broker = try Broker(accessList: accessList)
    folder = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    log = DeadLetterLog(directory: folder.path)
    configuration.stateDirectory = folder.path
    configuration.mqtt.host = "127.0.0.1"
    configuration.mqtt.port = broker.port
    configuration.meters = [
      MeterSettings(id: "grid", meterProtocol: .p1, source: .standardInput, sourceText: "-")
    ]
    let file = folder.appending(path: "received").path
    let command = "until mosquitto_sub -p \(broker.port) -t '#' -F '%r %t %p' >> \(file); do sleep 0.1; done 2>/dev/null"
    subscriber = try ChildProcess("/bin/sh", ["-c", command])
  }

  /// Puts a letter into the log.
  func add(
    _ bytes: [UInt8], _ stage: DeadLetter.Stage = .framing, code: String = "checksum_mismatch", meter: String = "grid",
    protocolName: String = "p1"
  ) throws {
    let time = WallTime(milliseconds: 1_795_172_401_250)
    let letter = DeadLetter(
      time: time, meter: meter, source: "-", kind: .undecodable, stage: stage, code: code, message: code, offset: nil,
      protocolName: protocolName, bytes: bytes)
    try log.append(DeadLetterEntry(id: numbering.next(at: time), letter: letter))
  }

  func replay(_ words: String = "", patience: Milliseconds = .seconds(20)) -> (status: Int32, output: [String]) {
    let output = Shared<[String]>([])
    let command = DeadLetterCommand(
      configuration: configuration, patience: patience, write: { line in output.change { $0.append(line) } },
      complain: { line in output.change { $0.append(line) } })
    let status = command.run(["replay"] + words.split(separator: " ").map(String.init))
    return (status, output.current)
  }

  /// The messages so far, as soon as there are `count`, or after ten seconds.
  func received(_ count: Int) -> [String] {
    for _ in 0..<1000 {
      let text = (try? String(contentsOf: folder.appending(path: "received"), encoding: .utf8)) ?? ""
      let lines = text.split(separator: "\n").map(String.init).filter { !$0.hasSuffix(" probe") }
      if lines.count >= count { return lines }
      usleep(10_000)
    }
    return []
  }

  /// Waits until the subscriber hears what is published, and everything published before has been heard.
  func settle() throws {
    let mark = "\(UUID().uuidString) probe"
    for _ in 0..<1000 {
      let once = try ChildProcess(
        "/usr/bin/mosquitto_pub", ["-p", "\(broker.port)", "-t", "probe", "-m", mark, "-q", "1"])
      once.wait()
      let text = (try? String(contentsOf: folder.appending(path: "received"), encoding: .utf8)) ?? ""
      if text.contains(mark) { return }
      usleep(10_000)
    }
    Issue.record("the subscriber hears nothing")
  }

  deinit {
    subscriber.end()
    try? FileManager.default.removeItem(at: folder)
  }
}
