internal import Base
internal import Decoders

/// The slaves of a large M-Bus as it is after the installation.
///
/// Meters come in batches with consecutive numbers, most of them at the factory's address 0. Three share a number: one is of
/// another maker, and the other two differ in nothing but their fabrication number.
struct CrowdedBus {
  private(set) var slaves: [MBusSlave] = []
  private var random: SplitMix64
  private let baud: Int

  /// Meters of one batch.
  private static let batch = 4...24
  /// Numbers between two meters of a batch.
  private static let step = 1...3
  /// From this number on there are three that share one.
  private static let leastWithTwins = 20
  /// The reactions of the models in bit times. Meters of one model answer almost at the same moment.
  private static let reactions: [SimulatedKind: Int] = [.multical303: 0, .pro380: 7, .water: 40, .gas: 26]

  /// - Parameters:
  ///   - settings: how many there are, and their speed.
  ///   - seed: equal seeds give equal buses.
  init(_ settings: BusSettings, seed: UInt64) {
    random = SplitMix64(seed: seed)
    baud = settings.baud
    var taken: Set<Int> = []
    while slaves.count < settings.slaves {
      let kind = [SimulatedKind.water, .multical303, .gas, .pro380].randomElement(using: &random) ?? .water
      var number = Int.random(in: 10_000_000...89_999_999, using: &random)
      let end = min(settings.slaves, slaves.count + Int.random(in: Self.batch, using: &random))
      while slaves.count < end {
        number += Int.random(in: Self.step, using: &random)
        guard taken.insert(number).inserted else { continue }
        let digits = MBusIdentity.following(0, by: number)
        if let slave = slave(kind, digits, fabricationNumber: Bool.random(using: &random) ? digits : nil) {
          slaves.append(slave)
        }
      }
    }
    if slaves.count >= Self.leastWithTwins { makeTwins() }
  }

  private mutating func slave(_ kind: SimulatedKind, _ number: UInt32, fabricationNumber: UInt32?) -> MBusSlave? {
    guard case .mbus(let meter) = kind.meter(seed: random.next()) else { return nil }
    let delivered = DeliveredMeter(
      meter, identification: number, fabricationNumber: fabricationNumber,
      standsStill: kind != .pro380 && Bool.random(using: &random))
    var settings = SlaveSettings()
    settings.reactionBits = Self.reactions[kind]
    settings.jitterBits = 3
    settings.baud = baud
    return MBusSlave(address: address(), delivered, settings)
  }

  /// Most are at 0. Of the others some share an address.
  private mutating func address() -> UInt8 {
    guard Int.random(in: 1...3, using: &random) == 1 else { return 0 }
    return UInt8.random(in: 1...UInt8(MBusSlave.addressLimit), using: &random)
  }

  /// Gives the last three meters one number.
  private mutating func makeTwins() {
    guard let number = slaves.last?.meter.identity.identification else { return }
    let kinds: [(SimulatedKind, UInt32?)] = [(.multical303, nil), (.water, 0x7700_1001), (.water, 0x7700_1002)]
    let twins = kinds.compactMap { slave($0, number, fabricationNumber: $1) }
    slaves.replaceSubrange((slaves.count - twins.count)..., with: twins)
  }
}
