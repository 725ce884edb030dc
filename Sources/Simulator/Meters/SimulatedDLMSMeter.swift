internal import Base
internal import Decoders
internal import Meters

/// A fake meter with a DLMS customer interface: a Kaifa MA309M as Netz NÖ sets it up, and the same list in HDLC frames.
///
///     0F | invoke id 4 | 0C date-time 12 | 02 23 structure of 35:
///       09 0C date-time | 11 × (09 06 OBIS | value | 02 02 0F scaler 16 unit) | 09 0C serial
struct SimulatedDLMSMeter: Sendable {
  /// The transport of a telegram.
  enum Transport: Sendable { case mbus, hdlc }

  let transport: Transport
  /// Nil for telegrams in plain.
  var cipher: SimulatedCipher?
  let serial: String
  private(set) var electricity: SimulatedElectricity

  /// - Parameters:
  ///   - transport: of a telegram.
  ///   - key: nil for telegrams in plain.
  ///   - authenticationKey: nil for telegrams without a tag.
  ///   - ordinal: 0 for the first of its kind; each has a number of its own.
  ///   - registers: what it shows at first; nil for a house of the usual size.
  ///   - seed: equal seeds give equal days.
  init(
    _ transport: Transport, key: MeterKey?, authenticationKey: MeterKey? = nil, ordinal: Int = 0,
    registers: SimulatedElectricity.Registers? = nil, seed: UInt64
  ) {
    self.transport = transport
    serial = String(123_456_789_012 + ordinal)
    let title = Array("KFM".utf8) + [0x65, 0x50, 0x12, 0x34, UInt8(truncatingIfNeeded: 0x56 + ordinal)]
    cipher = key.map {
      SimulatedCipher($0, authenticationKey: authenticationKey, title: title, suite: 1, counter: 0x0022_E252)
    }
    electricity = SimulatedElectricity(start: registers ?? Self.usualRegisters, seed: seed)
  }

  static var usualRegisters: SimulatedElectricity.Registers {
    var registers = SimulatedElectricity.Registers()
    registers.energyImport = [1_385_960, 0]
    registers.power = [340, 20, 112]
    registers.voltage = [23_500, 23_430, 23_500]
    registers.current = [172, 17, 99]
    registers.powerFactor = 823
    return registers
  }

  /// The link frames of one telegram. The first telegram shows the start values.
  mutating func telegram(at time: WallTime) -> [UInt8] {
    electricity.advance(to: time)
    let notification = dataNotification()
    let application = cipher?.envelope(notification) ?? notification
    return transport == .mbus ? Self.mbus(application) : Self.hdlc(application)
  }

  // MARK: The list

  private func dataNotification() -> [UInt8] {
    let registers = electricity.registers
    let clock = dateTime()
    var bytes: [UInt8] = [0x0F, 0x80, 0x00, 0x00, 0x01, 0x0C] + clock
    bytes += [0x02, 0x23, 0x09, 0x0C] + clock
    let energy = [registers.energyImport, registers.energyExport].map { $0.reduce(0) { $0 + $1.count } }
    let power = registers.totalPower
    for (index, value) in (energy + [max(0, power), max(0, -power)]).enumerated() {
      bytes += Self.obis([(1, 8), (2, 8), (1, 7), (2, 7)][index]) + [0x06] + Self.bigEndian(value, 4)
      bytes += Self.scalerUnit(0, index < 2 ? 30 : 27)
    }
    for phase in 0..<3 {
      bytes += Self.obis(([32, 52, 72][phase], 7)) + [0x12] + Self.bigEndian(registers.voltage[phase] / 10, 2)
      bytes += Self.scalerUnit(-1, 35)
    }
    for phase in 0..<3 {
      bytes += Self.obis(([31, 51, 71][phase], 7)) + [0x12] + Self.bigEndian(registers.current[phase], 2)
      bytes += Self.scalerUnit(-2, 33)
    }
    bytes += Self.obis((13, 7)) + [0x10] + Self.bigEndian(registers.powerFactor, 2) + Self.scalerUnit(-3, 255)
    return bytes + [0x09, 0x0C] + Array(serial.utf8)
  }

  /// Twelve bytes; the deviation counts from local time to UTC (Green Book 4.1.6.1).
  private func dateTime() -> [UInt8] {
    let second = electricity.second ?? 0
    let isSummer = LocalClock.central.isSummer(second)
    let time = LocalClock.central.time(second)
    var bytes = Self.bigEndian(Int64(time.year), 2)
    bytes += [time.month, time.day, (time.weekday + 6) % 7 + 1, time.hour, time.minute, time.second].map {
      UInt8(truncatingIfNeeded: $0)
    }
    return bytes + [0x00] + Self.bigEndian(isSummer ? -120 : -60, 2) + [isSummer ? 0x80 : 0x00]
  }

  private static func obis(_ code: (UInt8, UInt8)) -> [UInt8] { [0x09, 0x06, 0x01, 0x00, code.0, code.1, 0x00, 0xFF] }

  private static func scalerUnit(_ scaler: Int8, _ unit: UInt8) -> [UInt8] {
    [0x02, 0x02, 0x0F, UInt8(bitPattern: scaler), 0x16, unit]
  }

  private static func bigEndian(_ value: Int64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> Int64(8 * (count - 1 - $0))) }
  }

  // MARK: On the wire

  /// M-Bus long frames of at most 250 bytes, the segments numbered in the CI field (EN 13757-3, CI 00 to 1F).
  private static func mbus(_ application: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = application[...]
    var segment: UInt8 = 0
    while !rest.isEmpty {
      let part = rest.prefix(245)
      rest = rest.dropFirst(245)
      let information = segment | (rest.isEmpty ? 0x10 : 0)
      bytes += MBusFrame.long(control: 0x53, address: 0xFF, information: information, data: [0x01, 0x67] + part).bytes
      segment += 1
    }
    return bytes
  }

  /// HDLC frames of type 3 with both checksums, behind a link control header (IEC 62056-46).
  private static func hdlc(_ application: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = ([0xE6, 0xE7, 0x00] + application)[...]
    while !rest.isEmpty {
      let part = rest.prefix(120)
      rest = rest.dropFirst(120)
      let length = 2 + 1 + 1 + 1 + 2 + part.count + 2
      let format = 0xA000 | (rest.isEmpty ? 0 : 0x0800) | length
      var frame: [UInt8] = [UInt8(format >> 8), UInt8(format & 0xFF), 0x41, 0x03, 0x13]
      frame += checksum(frame)
      frame += part
      frame += checksum(frame)
      bytes += [0x7E] + frame + [0x7E]
    }
    return bytes
  }

  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let value = CRC16.x25(bytes.span)
    return [UInt8(value & 0xFF), UInt8(value >> 8)]
  }
}

/// A customer interface that pushes a telegram every five seconds.
struct DLMSSimulation: LineSimulation {
  static let interval = Milliseconds.seconds(5)

  var meter: SimulatedDLMSMeter
  /// From the reader's arrival to the first telegram.
  private let phase: Milliseconds
  private var due: Instant?

  init(_ meter: SimulatedDLMSMeter, phase: Milliseconds = 0) {
    self.meter = meter
    self.phase = phase
  }

  var line: LineSettings { LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1) }
  var wakes: Instant? { due }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] {
    let due = due ?? moment.now + phase
    self.due = due
    guard moment.now >= due else { return [] }
    self.due = moment.now + Self.interval
    return [Transmission(bytes: meter.telegram(at: moment.world), start: moment.now)]
  }

  /// The meter only sends.
  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] { [] }

  mutating func listenerLeft() { due = nil }
}
