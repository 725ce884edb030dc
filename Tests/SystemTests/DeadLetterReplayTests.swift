import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

private func telegram(_ energy: String) -> [UInt8] {
  p1Telegram("1-0:1.8.1(\(energy)*kWh)", "1-0:1.7.0(00.472*kW)")
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
    log = DeadLetterLog(in: try Folder(making: folder.path))
    configuration.stateDirectory = folder.path
    configuration.mqtt.host = "127.0.0.1"
    configuration.mqtt.port = broker.port
    configuration.meters = [
      MeterSettings(id: "grid", meterProtocol: .p1, source: .standardInput, sourceText: "-")
    ]
    let file = folder.appending(path: "received").path
    let listen = "mosquitto_sub -p \(broker.port) -t '#' -F '%r %t %p' >> \(file)"
    // `exec`, so that no child is left: the loop waits for the broker to listen.
    let wait = "until timeout 5 mosquitto_sub -p \(broker.port) -t none -E; do sleep 0.1; done 2>/dev/null"
    subscriber = try ChildProcess("/bin/sh", ["-c", "\(wait); exec \(listen)"])
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

  func replay(meter: String? = nil, isDry: Bool = false, patience: Milliseconds = .seconds(20)) -> (
    status: Int32, output: [String]
  ) {
    let output = Shared<[String]>([])
    let command = DeadLetterCommand(
      configuration: configuration, patience: patience, write: { line in output.change { $0.append(line) } },
      complain: { line in output.change { $0.append(line) } })
    let status = command.run(.replay(meter: meter, isDry: isDry))
    return (status, output.current)
  }

  /// The messages so far, as soon as there are `count`, or none.
  func received(_ count: Int) -> [String] {
    var lines: [String] = []
    let areThere = eventually {
      lines = heard.split(separator: "\n").map(String.init).filter { !$0.hasSuffix(" probe") }
      return lines.count >= count
    }
    return areThere ? lines : []
  }

  private var heard: String {
    (try? String(contentsOf: folder.appending(path: "received"), encoding: .utf8)) ?? ""
  }

  /// Waits until the subscriber hears what is published, and everything published before has been heard.
  func settle() throws {
    let mark = "\(UUID().uuidString) probe"
    let words = ["-p", "\(broker.port)", "-t", "probe", "-m", mark, "-q", "1"]
    try #require(
      eventually {
        _ = try? ChildProcess("/usr/bin/mosquitto_pub", words).wait()
        return heard.contains(mark)
      }, "the subscriber hears nothing")
  }

  deinit {
    subscriber.end()
    try? FileManager.default.removeItem(at: folder)
  }
}

/// What `…/reading` must carry for each of these telegrams.
private func isReplayed(_ message: String, _ energy: String) -> Bool {
  message.hasPrefix("0 meterbridge/grid/reading {") && message.hasSuffix(#","replayed":true}"#)
    && message.contains(#""received":"2026-11-20T"#)
    && message.contains(#"{"name":"energy_import_t1","value":\#(energy),"unit":"kWh"}"#)
}

@Test("a second replay sends nothing, and a fix sends the rest")
func secondReplay() throws {
  let scene = try Scene()
  var broken = telegram("000002.000")
  broken[30] ^= 1
  try scene.add(telegram("000001.000"))
  try scene.add(broken)
  try scene.add(telegram("000003.000"))
  try scene.settle()

  #expect(scene.replay() == (65, ["2 dead letters replayed, 1 left"]))
  let first = scene.received(2)
  try #require(first.count == 2)
  #expect(isReplayed(first[0], "1.000"))
  #expect(isReplayed(first[1], "3.000"))

  #expect(scene.replay() == (65, ["0 dead letters replayed, 1 left"]))
  // As somebody would who knows which bit it was.
  let path = scene.log.path(0)
  let text = try String(contentsOfFile: path, encoding: .utf8)
  let fixed = text.replacing(Hexadecimal.text(broken), with: Hexadecimal.text(telegram("000002.000")))
  try fixed.write(toFile: path, atomically: true, encoding: .utf8)
  #expect(scene.replay() == (0, ["1 dead letters replayed, 0 left"]))
  #expect(scene.replay() == (0, ["0 dead letters replayed, 0 left"]))
  try scene.settle()
  let all = scene.received(3)
  try #require(all.count == 3)
  #expect(isReplayed(all[2], "2.000"))
}

@Test("a corrected protocol brings the lost hours back")
func correctedProtocol() throws {
  let scene = try Scene()
  // What the M-Bus framer made of a P1 line: noise, cut where it happened to be cut.
  try scene.add(telegram("000001.000") + telegram("000002.000"), code: "noise", protocolName: "mbus")
  try scene.add(telegram("000003.000"), .decode, code: "unsupported", protocolName: "mbus")
  try scene.settle()
  #expect(scene.replay() == (0, ["2 dead letters replayed, 0 left"]))
  let messages = scene.received(3)
  try #require(messages.count == 3)
  for (message, energy) in zip(messages, ["1.000", "2.000", "3.000"]) { #expect(isReplayed(message, energy)) }
}

@Test("a letter that still fails stays")
func stillWrong() throws {
  let scene = try Scene()
  // A line that is still none: the rest of this telegram was published when it came.
  let text = "/XYZ5TEST\r\n\r\n1-0:1.8.1(000001.000*kWh)\r\nx(\r\n!\r\n"
  try scene.add(Array(text.utf8), .decode, code: "bad_line")
  try scene.add(Array(text.utf8), .decode, code: "bad_line")
  // Without its checksum, from a meter that sends one.
  try scene.add(Array("/XYZ5TEST\r\n\r\n1-0:1.8.1(000001.000*kWh)\r\n!\r\n".utf8), code: "checksum_missing")
  try scene.add(telegram("000001.000"), meter: "attic")
  try scene.settle()
  let result = scene.replay()
  #expect(result.status == 65)
  #expect(result.output.last == "0 dead letters replayed, 4 left")
  #expect(result.output.first?.hasSuffix("cannot be decoded: attic") == true)
  #expect(scene.replay(meter: "attic").output.last == "0 dead letters replayed, 1 left")
  try scene.settle()
  #expect(scene.received(0).isEmpty)
}

@Test("two letters of one telegram are one reading")
func oneReading() throws {
  let scene = try Scene()
  for code in ["bad_line", "bad_number"] { try scene.add(telegram("000001.000"), .decode, code: code) }
  try scene.settle()
  #expect(scene.replay() == (0, ["2 dead letters replayed, 0 left"]))
  try scene.settle()
  #expect(scene.received(0).count == 1)
}

@Test("a dry run prints, and publishes nothing")
func dryRun() throws {
  let scene = try Scene()
  try scene.add(telegram("000001.000"))
  try scene.settle()
  let result = scene.replay(isDry: true)
  #expect(result.status == 0)
  #expect(result.output.contains { $0.contains("energy_import_t1") && $0.contains("1.000") })
  #expect(result.output.last == "1 dead letters would be replayed, 0 left")
  try scene.settle()
  #expect(scene.received(0).isEmpty)
  #expect(!FileManager.default.fileExists(atPath: scene.folder.path + "/dead-letter.replayed"))
}

@Test("a topic that is not allowed leaves its letter")
func forbiddenTopic() throws {
  let scene = try Scene(accessList: "topic read #\ntopic readwrite probe\n")
  try scene.add(telegram("000001.000"))
  try scene.settle()
  let result = scene.replay()
  #expect(result.status == 65)
  #expect(result.output.first?.contains("does not allow this topic") == true)
  #expect(result.output.last == "0 dead letters replayed, 1 left")
}

@Test("without a broker nothing is remembered")
func withoutBroker() throws {
  let scene = try Scene()
  try scene.add(telegram("000001.000"))
  scene.configuration.mqtt.port = 1
  let result = scene.replay(patience: .seconds(1))
  #expect(result.status == EX_UNAVAILABLE)
  #expect(result.output.count == 1)
  #expect(result.output.first?.contains("is it running") == true)
  scene.configuration.mqtt.port = scene.broker.port
  try scene.settle()
  #expect(scene.replay() == (0, ["1 dead letters replayed, 0 left"]))
}

@Test("of two replays at a time one runs")
func twoReplays() throws {
  let scene = try Scene()
  try scene.add(telegram("000001.000"))
  let other = try Folder(visiting: scene.folder.path)
  try other.lock(other.descriptor)
  #expect(scene.replay() == (EX_UNAVAILABLE, ["another replay is running in \(scene.folder.path)"]))
}
