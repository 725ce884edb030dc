import Decoders

@testable import Base
@testable import Meters

/// A slave made of a script: it obeys the frame count bit as EN 13757-2 wants it, unless told otherwise.
final class ScriptedSlave {
  let address: UInt8
  let identity: [UInt8]
  /// The records of each telegram of a readout.
  var pages: [[UInt8]]
  var isSilent = false
  var acknowledgesReset = true
  var takesSelectControl: Set<UInt8> = [0x53, 0x73]
  /// Takes only selections with wildcards for manufacturer, version and medium.
  var wantsNumberOnly = false
  /// How much later than others it answers with data. Then its answer is not on top of theirs.
  var delay: Milliseconds = 0
  /// Answers with data still to be lost, or to be spoilt in one byte.
  var losses = 0
  var spoilt = 0
  /// Sends the first page again and again.
  var ignoresFrameCountBit = false
  /// The pages that a command chooses: by CI and data.
  var pagesAfter: [[UInt8]: [[UInt8]]] = [:]
  /// Commands that it takes without an acknowledgement, still.
  var unheardCommands = 0
  /// Its only speed; nil for any.
  var baud: Int?
  /// Whether it takes the speed that it is ordered.
  var takesSpeeds = true
  /// CI and data of the commands that came.
  private(set) var commands: [[UInt8]] = []
  private(set) var isSelected = false
  private var page = 0
  private var lastBit: Bool?
  private var accessNumber: UInt8 = 0
  private var lastAnswer: [UInt8] = []

  init(address: UInt8, identity: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x01, 0x04], pages: [[UInt8]]) {
    self.address = address
    self.identity = identity
    self.pages = pages
  }

  func answer(to request: [UInt8]) -> [UInt8]? {
    guard !isSilent, let frame = try? MBusFrame(parsing: request.span) else { return nil }
    switch frame {
    case .short(0x40, let address) where concerns(address):
      page = 0
      lastBit = nil
      if address == 0xFD { isSelected = false }
      return acknowledgesReset ? [0xE5] : nil
    case .short(let control, let address) where concerns(address) && (control == 0x5B || control == 0x7B):
      return data(frameCountBit: control == 0x7B)
    case .long(let control, 0xFD, 0x52, let data):
      let isTaken = !wantsNumberOnly || data.dropFirst(4).allSatisfy { $0 == 0xFF }
      isSelected = isTaken && matches(data) && takesSelectControl.contains(control)
      page = 0
      lastBit = nil
      return isSelected ? [0xE5] : nil
    case .long(0x53, let address, let information, let data) where concerns(address):
      commands.append([information] + data)
      if baud != nil, takesSpeeds, 0xB8...0xBF ~= information {
        baud = MBusCommand.baudRates[Int(information - 0xB8)]
      }
      guard unheardCommands == 0 else {
        unheardCommands -= 1
        return nil
      }
      pages = pagesAfter[[information] + data] ?? pages
      page = 0
      lastBit = nil
      return [0xE5]
    default: return nil
    }
  }

  private func concerns(_ address: UInt8) -> Bool {
    address == self.address || address == 0xFE || address == 0xFD && isSelected
  }

  private func data(frameCountBit: Bool) -> [UInt8]? {
    if let lastBit, lastBit != frameCountBit, !ignoresFrameCountBit { page = (page + 1) % pages.count }
    if lastBit != frameCountBit || lastAnswer.isEmpty {
      accessNumber &+= 1
      lastAnswer = telegram(pages[page])
    }
    lastBit = frameCountBit
    if losses > 0 {
      losses -= 1
      return nil
    }
    guard spoilt > 0 else { return lastAnswer }
    spoilt -= 1
    var bytes = lastAnswer
    bytes[20] ^= 0x10
    return bytes
  }

  private func telegram(_ records: [UInt8]) -> [UInt8] {
    let header = identity + [accessNumber, 0, 0, 0]
    return MBusFrame.long(control: 0x08, address: address, information: 0x72, data: header + records).bytes
  }

  private func matches(_ selection: [UInt8]) -> Bool {
    zip(selection, identity).enumerated().allSatisfy { index, pair in
      let (asked, own) = pair
      if index >= 4 { return asked == 0xFF || asked == own }
      return (asked & 0x0F == 0x0F || asked & 0x0F == own & 0x0F)
        && (asked & 0xF0 == 0xF0 || asked & 0xF0 == own & 0xF0)
    }
  }
}

/// A master, its slaves and a clock that only moves from one event to the next.
struct ScriptedBus {
  var master: MBusMaster
  var slaves: [ScriptedSlave]
  var now = Instant(milliseconds: 0)
  var echoes = false
  /// From the last byte of a request to the first of an answer.
  var reaction: Milliseconds = 50
  /// Answers come in pieces of so many bytes, one after each of these times in turn.
  var piece = Int.max
  var pauses: [Milliseconds] = [20]
  /// Each answer comes twice, as datagrams may.
  var doubles = false
  /// The speed of the line, and whether its port can change it.
  var baud = 2400
  var takesSpeeds = true
  private(set) var speeds: [Int] = []
  private(set) var sent: [(time: Instant, bytes: [UInt8])] = []
  private(set) var outputs: [(time: Instant, output: DialogueOutput)] = []
  private var underWay: [(time: Instant, bytes: [UInt8])] = []

  init(
    _ slaves: [ScriptedSlave], _ stations: [MBusMaster.Slave], overNetwork: Bool = false, overDatagrams: Bool = false
  ) {
    self.slaves = slaves
    let timing = MBusTiming(baud: 2400, overNetwork: overNetwork, overDatagrams: overDatagrams)
    let line = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
    master = MBusMaster(slaves: stations, timing: timing, line: line)
  }

  /// One slave at its primary address, polled in this way.
  init(_ slave: ScriptedSlave, interval: Milliseconds? = nil, _ polling: MBusPolling) {
    self.init([slave], [MBusMaster.Slave(address: .primary(slave.address), interval: interval, polling: polling)])
  }

  /// Slaves at their primary addresses.
  init(_ slaves: [ScriptedSlave], interval: Milliseconds? = nil) {
    self.init(slaves, slaves.map { MBusMaster.Slave(address: .primary($0.address), interval: interval) })
  }

  mutating func open() {
    master.opened(now: now)
    collect()
  }

  mutating func close() {
    underWay = []
    master.closed(now: now)
    collect()
  }

  mutating func poll(_ meter: Int) {
    _ = master.poll(meter: meter, now: now)
    collect()
  }

  /// Lets time pass for so long.
  mutating func run(_ time: Milliseconds) {
    let end = now + time
    while true {
      let arrival = underWay.map(\.time).min()
      guard let next = [arrival, master.deadline].compactMap(\.self).min(), next <= end else { break }
      now = max(now, next)
      if let index = underWay.firstIndex(where: { $0.time <= now }) {
        master.received(LineInput(bytes: underWay.remove(at: index).bytes), now: now)
      } else {
        master.tick(now: now)
      }
      collect()
    }
    now = end
  }

  /// Bytes that nobody asked for.
  mutating func inject(_ bytes: [UInt8]) {
    master.received(LineInput(bytes: bytes), now: now)
    collect()
  }

  private mutating func collect() {
    for output in master.takeOutputs() {
      switch output {
      case .send(let bytes): transmit(bytes)
      case .tune(let line):
        if takesSpeeds { baud = line.baud }
        master.tuned(takesSpeeds, now: now)
        collect()
      default: outputs.append((now, output))
      }
    }
  }

  private mutating func transmit(_ request: [UInt8]) {
    sent.append((now, request))
    speeds.append(baud)
    let left = now + Milliseconds(Int64(request.count) * 5)
    if echoes { underWay.append((left, request)) }
    let heard = slaves.filter { $0.baud == nil || $0.baud == baud }
    let answers = heard.compactMap { slave in
      slave.answer(to: request).map { (delay: $0.count > 1 ? slave.delay : 0, bytes: $0) }
    }
    for delay in Set(answers.map(\.delay)).sorted() {
      arrive(answers.filter { $0.delay == delay }.map(\.bytes), at: left + reaction + delay)
    }
  }

  private mutating func arrive(_ answers: [[UInt8]], at start: Instant) {
    guard let first = answers.first else { return }
    // Equal answers at once are one on the wire; others garble each other.
    var bytes = first
    for other in answers.dropFirst() {
      bytes = (0..<max(bytes.count, other.count)).map { index in
        (index < bytes.count ? bytes[index] : 0xFF) & (index < other.count ? other[index] : 0xFF)
      }
    }
    var time = start
    var rest = bytes[...]
    var pieces = 0
    while !rest.isEmpty {
      underWay.append((time, Array(rest.prefix(piece))))
      if doubles { underWay.append((time + 5, Array(rest.prefix(piece)))) }
      rest = rest.dropFirst(piece)
      time = time + pauses[pieces % pauses.count]
      pieces += 1
    }
  }

  // MARK: What came of it

  var readouts: [(time: Instant, meter: Int, frames: [[UInt8]])] {
    outputs.compactMap { if case .readout(let meter, let frames) = $0.output { ($0.time, meter, frames) } else { nil } }
  }

  var rejected: [(meter: Int?, bytes: [UInt8], error: DecodeError)] {
    outputs.compactMap {
      if case .rejected(let meter, let bytes, let error) = $0.output { (meter, bytes, error) } else { nil }
    }
  }

  var failures: [(meter: Int, tries: Int)] {
    outputs.compactMap { if case .noAnswer(let meter, let tries, _) = $0.output { (meter, tries) } else { nil } }
  }

  /// Why readouts failed.
  var reasons: [MBusFailure] {
    outputs.compactMap { if case .noAnswer(_, _, let failure) = $0.output { failure } else { nil } }
  }

  var summaries: [MBusRound.Summary] {
    outputs.compactMap { if case .news(.round(let summary)) = $0.output { summary } else { nil } }
  }

  /// Each request with the speed of the line: `40` for SND_NKE, `bd` for the order of 9600 baud.
  var requests: [String] {
    zip(sent, speeds).map { request, speed in
      let bytes = request.bytes
      let field = bytes[0] == 0x68 ? bytes[6] : bytes[1]
      return "\(String(field, radix: 16))@\(speed)"
    }
  }

  /// The control fields of the requests, in order.
  var controls: [UInt8] { sent.map { $0.bytes[$0.bytes[0] == 0x68 ? 4 : 1] } }
}
