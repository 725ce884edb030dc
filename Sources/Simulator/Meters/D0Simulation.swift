internal import Base
internal import Decoders
internal import Meters

/// A D0 meter at its end of the line: it answers requests at 300 Bd and changes its speed, or pushes.
///
/// A request at another speed, or without its NULs where the meter sleeps, gets no answer.
struct D0Simulation: LineSimulation {
  var meter: SimulatedD0Meter
  /// The head sends back what it gets.
  var echoes = false
  /// The meter says that it changes its speed, and does not.
  var staysAtFirstSpeed = false
  /// The lines of the readout are sent so many times, as of a meter with many values.
  var repeatsLines = 1
  /// How many blocks in a row have a wrong check character.
  var damagedBlocks = 0
  /// All that the reader has sent.
  private(set) var received: [UInt8] = []
  private(set) var line: LineSettings
  /// The speed of the reader's port; nil where that cannot be seen.
  private var readerBaud: Int?
  private var pending: [UInt8] = []
  private var lastByte: Instant?
  /// What is sent when the reader chooses a speed, and again on NAK.
  private var block: [UInt8] = []
  /// The speed of the block.
  private var rate = 300
  /// When the block, or the next telegram of a meter that pushes, is sent.
  private var due: Instant?

  private static let first = LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1)
  private static let pushed = LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1)
  private static let interval = Milliseconds.seconds(2)
  /// Before the identification and before the data.
  private static let reaction = Milliseconds(200)
  /// From the identification to the data at another speed.
  private static let change = Milliseconds(1000)
  /// NULs that wake a heat meter.
  private static let nulls = 30

  init(_ meter: SimulatedD0Meter) {
    self.meter = meter
    line = meter.kind == .push ? Self.pushed : Self.first
  }

  var wakes: Instant? { due }
  var keepsSpeed: Bool { true }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] {
    if meter.kind == .push {
      guard moment.now >= due ?? moment.now else { return [] }
      due = moment.now + Self.interval
      return [Transmission(bytes: meter.readout(at: moment.world), start: moment.now)]
    }
    guard let due, moment.now >= due else { return [] }
    self.due = nil
    line.baud = rate
    var bytes = block
    if damagedBlocks > 0 {
      damagedBlocks -= 1
      bytes[bytes.count - 1] ^= 0x11
    }
    return [Transmission(bytes: bytes, start: moment.now)]
  }

  mutating func listenerLeft() {
    due = nil
    pending = []
    block = []
  }

  mutating func tuned(to baud: Int) { readerBaud = baud }

  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] {
    received += bytes
    guard meter.kind != .push else { return [] }
    if let lastByte, moment.now - lastByte > Milliseconds.seconds(4) { pending = [] }
    lastByte = moment.now
    // A pty hands a request over at once; on the line it would take its time.
    let speed = LinePacer(Self.first)
    let end = moment.now + speed.duration(of: bytes.count)
    let echo = echoes ? [Transmission(bytes: bytes, start: moment.now)] : []
    if bytes.map({ $0 & 0x7F }) == [0x15], !block.isEmpty {
      due = end + Self.reaction
      return echo
    }
    pending += bytes.map { $0 & 0x7F }
    guard pending.last == 0x0A else { return echo }
    let request = pending
    pending = []
    return echo + answer(to: request, at: end + Self.reaction, moment.world)
  }

  private mutating func answer(to request: [UInt8], at start: Instant, _ world: WallTime) -> [Transmission] {
    if request.first == 0x06, request.count == 6, !block.isEmpty {
      let place = Int(request[2]) - 0x30
      guard D0Identification.rates.indices.contains(place) else { return [] }
      if !staysAtFirstSpeed { rate = D0Identification.rates[place] }
      due = start
      return []
    }
    line = Self.first
    guard readerBaud ?? line.baud == line.baud, isForMe(request) else { return [] }
    let readout = meter.readout(at: world, repeats: repeatsLines)
    let end = (readout.firstIndex(of: 0x0A) ?? 0) + 1
    block = Array(readout[end...])
    rate = line.baud
    due = nil
    if meter.kind == .heat {
      rate = 2400
      due = start + LinePacer(line).duration(of: end) + Self.change
    }
    return [Transmission(bytes: Array(readout[..<end]), start: start)]
  }

  private func isForMe(_ request: [UInt8]) -> Bool {
    let text = request.drop { $0 == 0 }
    if meter.kind == .heat, request.count - text.count < Self.nulls { return false }
    let address = text.dropFirst(2).prefix { $0 != 0x21 }
    return text.first == 0x2F && (address.isEmpty || Array(address) == Array(meter.serial.utf8))
  }
}
