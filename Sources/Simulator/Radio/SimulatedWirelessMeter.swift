internal import Base
internal import Decoders
internal import Meters

/// A fake wireless M-Bus meter: what it measures, and the telegrams that it sends.
struct SimulatedWirelessMeter: Sendable {
  /// What it is, and how its telegrams are protected.
  enum Model: Int, Sendable, CaseIterable {
    /// Cold water, security mode 5.
    case water
    /// Cold water by Kamstrup: enciphered in the extended link layer, compact frames with a full one now and then.
    case compactWater
    /// Heat, security mode 7.
    case heat
    /// Gas, in plain.
    case gas

    /// For people.
    var summary: String {
      switch self {
      case .water: "water, mode 5"
      case .compactWater: "water, compact frames"
      case .heat: "heat, mode 7"
      case .gas: "gas, plain"
      }
    }

    /// The radio mode.
    var mode: RadioMode { self == .compactWater ? .c : .t }
  }

  let model: Model
  /// Nil for a meter in plain.
  let key: MeterKey?
  private var meter: any SimulatedMBusMeter
  private let cipher: WirelessCipher?
  /// Telegrams so far.
  private(set) var count: UInt32 = 0

  /// One full frame in so many.
  private static let fullFrames: UInt32 = 8
  /// The heat meter sends the first of its records.
  private static let heatRecords = 10
  private static let block = 16

  /// The first of its model has the ordinal 0; each has a number and a key of its own. The cipher is AES, with any key.
  init(_ model: Model, ordinal: Int, cipher: WirelessCipher?, seed: UInt64) {
    self.model = model
    meter =
      switch model {
      case .water: SimulatedVolumeMeter.water(ordinal: ordinal, seed: seed)
      case .compactWater: SimulatedMULTICAL21(ordinal: ordinal, seed: seed)
      case .heat: SimulatedMULTICAL303(ordinal: ordinal, seed: seed)
      case .gas: SimulatedVolumeMeter.gas(ordinal: ordinal, seed: seed)
      }
    key = model == .gas ? nil : try? MeterKey(Self.keyText(meter.identity))
    self.cipher = key.flatMap { cipher?.with(key: $0.reveal) }
  }

  var identity: MBusIdentity { meter.identity }

  /// `SIMULATE`, and the number of the meter in digits. It protects nothing and may be public.
  private static func keyText(_ identity: MBusIdentity) -> String {
    Hexadecimal.text(Array("SIMULATE".utf8) + Array(identity.serial.utf8))
  }

  /// The next telegram: a frame without check values. The first has the start values.
  mutating func telegram(at time: WallTime) -> [UInt8] {
    count &+= 1
    let access = UInt8(truncatingIfNeeded: count)
    var records = meter.records(at: time)
    let content: [UInt8]
    switch model {
    case .water: content = chained(Self.numbered(records, count), access)
    case .compactWater: content = session(records, access)
    case .heat:
      records.removeLast(records.count - Self.heatRecords)
      content = derived(Self.numbered(records, count), access)
    case .gas: content = [0x7A, access, 0x00, 0x00, 0x20] + Self.numbered(records, count)
    }
    return [UInt8(9 + content.count), 0x44] + address + content
  }

  /// The records with the number of the telegram behind them.
  private static func numbered(_ records: [SimulatedRecord], _ number: UInt32) -> [UInt8] {
    (records + [SimulatedRecord(.int32, [0xFD, 0x08], Int64(number))]).flatMap(\.bytes)
  }

  /// The address in the order of the link layer.
  private var address: [UInt8] {
    let bytes = identity.bytes
    return Array(bytes[4...5]) + bytes[..<4] + bytes[6...]
  }

  // MARK: Protection

  /// Security mode 5: AES in chained blocks behind a short header, the vector made of address and access number.
  private func chained(_ records: [UInt8], _ access: UInt8) -> [UInt8] {
    var vector = WirelessCipher.Block(repeating: access)
    for (index, byte) in address.enumerated() { vector[index] = byte }
    let (text, blocks) = Self.padded(records)
    return [0x7A, access, 0x00, blocks, 0x25] + enciphered(.encipherChained, vector, text)
  }

  /// Security mode 7: the same with a key that is derived for each telegram, behind an authentication code.
  private func derived(_ records: [UInt8], _ access: UInt8) -> [UInt8] {
    guard let cipher else { return [] }
    let counter = Self.littleEndian(count)
    let suffix = counter + identity.bytes[..<4] + [UInt8](repeating: 7, count: 7)
    guard let key = cipher.authenticationCode([0x00] + suffix), let codeKey = cipher.authenticationCode([0x01] + suffix)
    else { return [] }
    var (text, blocks) = Self.padded(records)
    let count = text.count
    _ = cipher.with(key: key).apply(
      .encipherChained, WirelessCipher.Block(repeating: 0), to: &text, 0..<count)
    let transport = [0x7A, access, 0x00, blocks, 0x27, 0x10] + text
    // A code of eight bytes.
    let kind: UInt8 = 0x25
    let code = cipher.with(key: codeKey).authenticationCode([kind] + counter + transport) ?? []
    return [0x8C, 0x20, access, 0x90, 0x0F, 0x00, 0x2C, kind] + counter + code.prefix(8) + transport
  }

  /// An extended link layer with a session in counter mode, and a full or compact frame in it.
  private func session(_ records: [SimulatedRecord], _ access: UInt8) -> [UInt8] {
    let full = records.flatMap(\.bytes)
    var frame = [0x78] + full
    if count % Self.fullFrames != 1 {
      frame = [0x79] + Self.check(records.flatMap(\.codes)) + Self.check(full) + records.flatMap(\.data)
    }
    let control: UInt8 = 0x20
    let number = Self.littleEndian(1 << 29 | (count & 0x1FF_FFFF) << 4)
    var vector = WirelessCipher.Block(repeating: 0)
    for (index, byte) in (address + [control] + number).enumerated() { vector[index] = byte }
    return [0x8D, control, access] + number + enciphered(.counter, vector, Self.check(frame) + frame)
  }

  private func enciphered(_ mode: WirelessCipher.Mode, _ vector: WirelessCipher.Block, _ text: [UInt8]) -> [UInt8] {
    var text = text
    return cipher?.apply(mode, vector, to: &text, 0..<text.count) == true ? text : []
  }

  /// Check word, records and fillers up to whole blocks, and how many these are in the configuration word.
  private static func padded(_ records: [UInt8]) -> (text: [UInt8], blocks: UInt8) {
    var text = [0x2F, 0x2F] + records
    text += [UInt8](repeating: 0x2F, count: (block - text.count % block) % block)
    return (text, UInt8(text.count / block) << 4)
  }

  /// The check value over some bytes, the low byte first.
  private static func check(_ bytes: [UInt8]) -> [UInt8] {
    let value = CRC16.en13757(bytes.span, 0..<bytes.count)
    return [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
  }

  private static func littleEndian(_ number: UInt32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
  }
}

/// Kamstrup MULTICAL 21: cold water, with the least temperatures of water and room.
struct SimulatedMULTICAL21: SimulatedMBusMeter {
  let identity: MBusIdentity
  private var volume: SimulatedVolume

  init(ordinal: Int = 0, litres: Int64 = 63_218, seed: UInt64) {
    // KAM.
    identity = MBusIdentity(
      identification: MBusIdentity.following(0x7050_0001, by: ordinal), manufacturer: 0x2C2D, version: 0x1B,
      medium: 0x16)
    volume = SimulatedVolume(start: litres, flow: 380, use: .taps, seed: seed)
  }

  mutating func records(at time: WallTime) -> [SimulatedRecord] {
    volume.advance(to: time)
    return [
      SimulatedRecord(.int16, [0xFF, 0x20], 0),
      SimulatedRecord(.int32, [0x13], volume.total.count),
      SimulatedRecord(.int32, [0x13], volume.monthCapture.litres, storage: 1),
      SimulatedRecord(.int8, [0x5B], 9, function: .minimum, storage: 1),
      SimulatedRecord(.int8, [0x67], 17, function: .minimum, storage: 1),
    ]
  }
}
