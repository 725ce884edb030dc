import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// Meters on pipes of their own that send what the test wants, and a subscriber beside the bridge that knows what they have
/// sent. The bridge reaches the broker by way of a proxy, which lets it in only when the subscriber is there already.
final class ReadingWitness {
  let broker: Broker
  let bridge: RunningBridge
  let proxy: FaultProxy
  let meters: [String]
  private var pipes: [Int32] = []
  private var subscriber: ChildProcess?
  /// What it writes, and how much of that has been read.
  private var file = ""
  private var taken = 0
  private var marker = ""
  private var hasMet = false
  /// How many readings each meter has sent; they are numbered from 1.
  private(set) var sent: [String: Int] = [:]
  /// When, by number.
  private(set) var times: [String: [Instant]] = [:]
  private(set) var heard: [String: Set<Int>] = [:]
  private var last: [String: Int] = [:]
  private(set) var repetitions = 0
  private(set) var mistakes: [String] = []
  private var nextRound = Clock.now()

  init(meters count: Int = 5, replayAfter: String = "0s") throws {
    // What is acknowledged to the bridge must have gone out to the subscriber, and not wait in a queue that dies with the
    // broker.
    broker = try Broker("max_inflight_messages 0\nmax_queued_messages 0")
    bridge = try RunningBridge(broker)
    meters = (1...count).map { "m\($0)" }
    proxy = try FaultProxy(to: broker.port)
    for meter in meters {
      unsafe try #require(mkfifo(bridge.path(meter), 0o600) == 0)
      pipes.append(unsafe open(bridge.path(meter), O_RDWR | O_CLOEXEC | O_NONBLOCK))
    }
    try subscribe()
    try bridge.configure(
      meters.map { "  - {id: \($0), protocol: p1, source: 'file:$/\($0)', min_interval: 0s}" }.joined(separator: "\n"),
      port: proxy.port, mqtt: "replay_after: \(replayAfter)")
  }

  deinit {
    subscriber?.end(SIGKILL)
    pipes.forEach { close($0) }
  }

  // MARK: The meters

  /// Sends a round of readings, one from each meter, when it is time, and takes what has come meanwhile.
  func live(for time: Milliseconds, interval: Milliseconds) throws {
    let end = Clock.now() + time
    while Clock.now() < end {
      if Clock.now() >= nextRound {
        nextRound = max(nextRound + interval, Clock.now())
        for index in meters.indices { try send(index) }
      }
      listen(20)
    }
  }

  private func send(_ index: Int) throws {
    let meter = meters[index]
    let number = sent[meter, default: 0] + 1
    let bytes = telegram(Reading(meter: index, number: number))
    let count = unsafe write(pipes[index], bytes, bytes.count)
    // A pipe that nobody reads is full one day; the meter says it again then.
    if count < 0, errno == EAGAIN { return }
    try #require(count == bytes.count)
    sent[meter] = number
    times[meter, default: []].append(Clock.now())
  }

  /// What a meter says, all of it made from its number.
  private struct Reading {
    var meter: Int
    var number: Int

    var energy: String { "\(number / 1000 + 100 * meter).\(padded(number % 1000, 3))" }
    var power: String { "\(number % 10).\(padded(number % 1000, 3))" }
    var watts: String { "\((number % 10) * 1000 + number % 1000)" }
    var time: (telegram: String, text: String) {
      let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60)
      let parts = [hour, minute, second].map { padded($0, 2) }
      return ("261120" + parts.joined() + "W", "2026-11-20T\(parts.joined(separator: ":"))+01:00")
    }

    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
  }

  private func telegram(_ reading: Reading) -> [UInt8] {
    let energy = String(repeating: "0", count: 10 - reading.energy.count) + reading.energy
    return p1Telegram(
      "1-0:1.8.1(\(energy)*kWh)", "1-0:1.7.0(0\(reading.power)*kW)", time: reading.time.telegram)
  }

  /// Whether the bridge has read everything that the meters said.
  var isRead: Bool {
    pipes.allSatisfy { pipe in
      var count: Int32 = 0
      return unsafe ioctl(pipe, UInt(FIONREAD), &count) == 0 && count == 0
    }
  }

  // MARK: The subscriber

  /// Takes what the broker has sent, and what it sends in the next milliseconds.
  func listen(_ time: Milliseconds) {
    usleep(UInt32(time.count * 1000))
    guard let file = try? FileHandle(forReadingFrom: URL(filePath: file)) else { return }
    try? file.seek(toOffset: UInt64(taken))
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    // The last line may be half of one.
    guard let end = text.lastIndex(of: "\n") else { return }
    taken += text[...end].utf8.count
    for line in text[..<end].split(separator: "\n") {
      guard let space = line.firstIndex(of: " ") else { continue }
      if line[..<space].hasSuffix("/reading") { hear(String(line[..<space]), String(line[space...].dropFirst())) }
      if line[..<space] == marker { hasMet = true }
    }
  }

  /// mosquitto's own client, which writes whole messages into a file. Returns when it has subscribed.
  private func subscribe() throws {
    listen(0)
    subscriber?.end(SIGKILL)
    (file, taken) = (bridge.path("heard-\(UUID().uuidString)"), 0)
    let publish = ["-p", "\(broker.port)", "-t", "knock", "-m", "1"]
    try #require(eventually { (try? ChildProcess("/usr/bin/mosquitto_pub", publish).wait()) == 0 })
    let words = ["-p", "\(broker.port)", "-q", "1", "-t", "#", "-F", "%t %p"]
    subscriber = try ChildProcess("/bin/sh", ["-c", "exec stdbuf -oL mosquitto_sub \"$@\" >\"$0\"", file] + words)
    try meet()
  }

  /// Returns when the subscriber has everything that the broker got before.
  private func meet() throws {
    (hasMet, marker) = (false, "marker/\(UUID().uuidString)")
    try #require(
      eventually {
        _ = try? ChildProcess("/usr/bin/mosquitto_pub", ["-p", "\(broker.port)", "-t", marker, "-m", "1"]).wait()
        listen(20)
        return hasMet
      })
  }

  private func hear(_ topic: String, _ text: String) {
    let meter = String(topic.split(separator: "/")[1])
    guard let index = meters.firstIndex(of: meter), let number = number(in: text, meter: index) else {
      mistakes.append("\(topic): \(text)")
      return
    }
    guard heard[meter, default: []].insert(number).inserted else {
      repetitions += 1
      return
    }
    if let last = last[meter], last > number { mistakes.append("\(meter): \(number) came after \(last)") }
    last[meter] = number
  }

  /// The number of a reading, where the whole document is as it was sent.
  private func number(in text: String, meter: Int) -> Int? {
    let name = "\"name\":\"energy_import_t1\",\"value\":"
    guard let start = text.firstRange(of: name)?.upperBound,
      let thousandths = Int(text[start...].prefix { $0 != "," && $0 != "}" }.filter { $0 != "." })
    else { return nil }
    let reading = Reading(meter: meter, number: thousandths - meter * 100_000)
    let isWhole = ["\(name)\(reading.energy),", "\"value\":\(reading.watts),", "\"time\":\"\(reading.time.text)\""]
      .allSatisfy { text.contains($0) }
    return isWhole && reading.number >= 1 && reading.number <= sent[meters[meter], default: 0] ? reading.number : nil
  }

  /// Readings that the subscriber does not hold.
  var missing: [(meter: String, number: Int)] {
    meters.flatMap { meter in
      (1...max(1, sent[meter, default: 0])).filter { heard[meter]?.contains($0) != true }.map { (meter, $0) }
    }
  }

  /// Waits until the subscriber holds everything, or at least gets nothing more for `patience`.
  func settle(patience: Milliseconds = .seconds(20)) {
    var count = -1
    var since = Clock.now()
    while !missing.isEmpty, Clock.now() - since < patience {
      listen(100)
      let now = heard.values.reduce(0) { $0 + $1.count }
      if now != count { (count, since) = (now, Clock.now()) }
    }
  }

  // MARK: Faults

  /// What was acknowledged to the bridge, the subscriber has: a client whose broker dies does not read what it has sent last.
  func killBroker() throws {
    proxy.set { $0.isBlackHole = true }
    usleep(100_000)
    try meet()
    broker.end(SIGKILL)
    proxy.set {
      $0.isBlackHole = false
      $0.refuses = true
      $0.cuts += 1
    }
  }

  /// The broker is there again, with an empty memory; the subscriber is the first to come, or comes later than the bridge.
  func restartBroker(subscriberLate: Milliseconds? = nil, interval: Milliseconds = 200) throws {
    subscriber?.end(SIGKILL)
    try broker.start()
    if let subscriberLate {
      proxy.set { $0.refuses = false }
      try live(for: subscriberLate, interval: interval)
    }
    try subscribe()
    proxy.set { $0.refuses = false }
  }

  func killBridge() { bridge.end(SIGKILL) }

  /// Whether every retained topic says what it should, digit for digit.
  func everyTopicIsRight() throws -> Bool {
    let late = try Subscriber(to: broker)
    let expected = meters.enumerated().flatMap { index, meter in
      let reading = Reading(meter: index, number: sent[meter, default: 0])
      return [
        ("meterbridge/\(meter)/energy_import", reading.energy),
        ("meterbridge/\(meter)/energy_import_t1", reading.energy),
        ("meterbridge/\(meter)/power_import", reading.watts), ("meterbridge/\(meter)/availability", "online"),
      ]
    }
    let documents = (meters + ["bridge"]).map { "homeassistant/device/meterbridge_\($0)/config" }
    return late.eventually { late in
      listen(10)
      return late.last("meterbridge/bridge/state") == "online" && late.topics.isSuperset(of: documents)
        && expected.allSatisfy { late.last($0.0) == $0.1 }
    }
  }
}
