internal import Base
internal import Decoders

/// A meter on an M-Bus: requests in, answers out (EN 13757-2, EN 13757-3 clause 11).
package struct MBusSlave: Sendable {
  /// Primary address.
  var address: UInt8
  var meter: any SimulatedMBusMeter
  /// What it does otherwise than a well-behaved one.
  let settings: SlaveSettings
  /// The only speed that it understands, in bits a second; nil for one that finds the speed out.
  private(set) var baud: Int?
  /// The speed before an order, and when that came; nil once a frame was understood at the new one.
  private var former: (baud: Int?, at: WallTime)?
  /// Bytes of records that one telegram takes; the rest of a readout follows in further telegrams.
  var recordBytes = Self.recordBytesLimit
  /// A master has selected it by its secondary address.
  private(set) var isSelected = false
  private var accessNumber: UInt8 = 0
  /// The current readout, cut into telegrams.
  private var pages: [[UInt8]] = []
  private var page = 0
  /// The frame count bit of the last request; nil after SND_NKE.
  private var frameCountBit: Bool?

  /// Primary addresses run from 1 to 250.
  package static let addressLimit = 250
  /// 252 bytes less the header.
  static let recordBytesLimit = 240

  init(address: UInt8, _ meter: some SimulatedMBusMeter, _ settings: SlaveSettings = SlaveSettings()) {
    self.address = address
    self.meter = meter
    self.settings = settings
    baud = settings.baud
  }

  /// The speeds of an M-Bus in bits a second, in the order of the CI fields B8 to BF that set them.
  static let baudRates = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400]

  /// How long it waits for a frame at a new speed before it falls back.
  private static let patience = Milliseconds.seconds(30)

  /// Whether it understands what is sent at this speed.
  mutating func understands(_ rate: Int, at time: WallTime) -> Bool {
    if let former, time.milliseconds >= former.at.milliseconds + Self.patience.count {
      baud = former.baud
      self.former = nil
    }
    return baud.map { $0 == rate } ?? true
  }

  /// The answer to a frame; nil for silence.
  mutating func answer(to frame: MBusFrame, at time: WallTime) -> MBusFrame? {
    former = nil
    switch frame {
    case .acknowledge: return nil
    case .short(let control, let target):
      guard let isHeard = hears(target) else { return nil }
      let answer = answer(toRequest: control, target: target, at: time)
      return isHeard ? answer : nil
    case .long(let control, let target, let information, let data):
      guard control & 0xDF == 0x53 else { return nil }
      if information == 0x52, target == Address.selected { return select(data) }
      guard let isHeard = hears(target) else { return nil }
      apply(information, data, at: time)
      return isHeard ? .acknowledge : nil
    }
  }

  private enum Address {
    static let selected: UInt8 = 253
    static let test: UInt8 = 254
    static let broadcast: UInt8 = 255
  }

  /// Whether it may answer a frame; nil if the frame is for another meter.
  private func hears(_ target: UInt8) -> Bool? {
    switch target {
    case address, Address.test: true
    case Address.selected: isSelected ? true : nil
    case Address.broadcast: false
    default: nil
    }
  }

  private mutating func answer(toRequest control: UInt8, target: UInt8, at time: WallTime) -> MBusFrame? {
    switch control {
    case 0x40:  // SND_NKE
      frameCountBit = nil
      pages = []
      if target == Address.selected || target == Address.broadcast { isSelected = false }
      return .acknowledge
    case 0x49:  // REQ_SKE
      return .short(control: 0x0B, address: address)
    case 0x5A, 0x7A, 0x4A:  // REQ_UD1: no alarm
      return .acknowledge
    case 0x5B, 0x7B, 0x4B:  // REQ_UD2
      turnPage(control & 0x10 == 0 ? nil : control & 0x20 != 0, at: time)
      return .long(control: 0x08, address: address, information: 0x72, data: pages[page])
    default: return nil
    }
  }

  /// The same bit again repeats the telegram; the other bit asks for the next one, or for a new readout after the last.
  private mutating func turnPage(_ bit: Bool?, at time: WallTime) {
    defer { frameCountBit = bit }
    if let bit, let last = frameCountBit, !pages.isEmpty {
      if bit == last { return }
      if page + 1 < pages.count {
        page += 1
        return
      }
    }
    pages = readout(at: time)
    page = 0
  }

  private mutating func readout(at time: WallTime) -> [[UInt8]] {
    var bodies: [[UInt8]] = [[]]
    for record in meter.records(at: time) {
      let bytes = record.bytes
      // One byte stays free for the mark that more follows.
      if !bodies[bodies.count - 1].isEmpty, bodies[bodies.count - 1].count + bytes.count >= recordBytes {
        bodies.append([])
      }
      bodies[bodies.count - 1] += bytes
    }
    if !meter.manufacturerData.isEmpty { bodies[bodies.count - 1] += [0x0F] + meter.manufacturerData }
    return bodies.enumerated().map { index, body in
      accessNumber &+= 1
      let header = meter.identity.bytes + [accessNumber, 0, 0, 0]
      return header + body + (index + 1 < bodies.count ? [0x1F] : [])
    }
  }

  private mutating func select(_ selection: [UInt8]) -> MBusFrame? {
    let mask = Array(selection.prefix(8))
    isSelected =
      switch settings.selection {
      case .fitting: meter.identity.matches(mask) && hasFabricationNumber(selection.dropFirst(8))
      case .number: meter.identity.matches(mask) && selection.dropFirst(4).allSatisfy { $0 == 0xFF }
      case .any: true
      }
    guard isSelected else { return nil }
    // A selection begins a new count at address 253.
    frameCountBit = nil
    pages = []
    return .acknowledge
  }

  /// Enhanced selection: `0C 78` and eight digits behind the secondary address (EN 13757-3). Meters without a
  /// fabrication number do not know it.
  private func hasFabricationNumber(_ record: ArraySlice<UInt8>) -> Bool {
    guard !record.isEmpty else { return true }
    guard let own = (meter as? DeliveredMeter)?.fabricationNumber, record.count == 6, record.starts(with: [0x0C, 0x78])
    else { return false }
    return MBusIdentity.digitsMatch(own, Array(record.suffix(4)))
  }

  /// Application reset restarts the readout, `01 7A n` sets the primary address, B8 to BF set the speed; anything else is
  /// acknowledged and changes nothing. So does a meter that is locked.
  private mutating func apply(_ information: UInt8, _ data: [UInt8], at time: WallTime) {
    guard !settings.isLocked || information == 0x50 else { return }
    switch information {
    case 0x50:
      pages = []
      frameCountBit = nil
    case 0x51 where data.count == 3 && data[0] == 0x01 && data[1] == 0x7A && data[2] <= Self.addressLimit:
      address = data[2]
    case 0xB8...0xBF:
      former = (baud, time)
      baud = Self.baudRates[Int(information - 0xB8)]
    default: break
    }
  }
}
