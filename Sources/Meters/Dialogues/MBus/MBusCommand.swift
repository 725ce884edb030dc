package import Decoders

/// What a master tells slaves with SND_UD, besides selections (EN 13757-3). A slave acknowledges it with E5.
package enum MBusCommand: Hashable, Sendable {
  /// CI 50: the next readout begins anew. The subcode names the telegrams: their use in the high half, the first of
  /// them in the low half; nil leaves them to the meter.
  case applicationReset(UInt8?)
  /// CI 54: meters note their values now.
  case synchronize
  /// CI B8 to BF: another speed. Nil from `init` for one that the bus does not have.
  case baudRate(code: UInt8)
  /// CI 51 with these records: data to write, or data to select for the next readout.
  case records([UInt8])
  /// A CI of the maker's own.
  case maker(UInt8)

  /// The speeds, from CI B8 on.
  package static let baudRates = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400]

  /// Nil for a speed that the bus does not have.
  package init?(baudRate: Int) {
    guard let place = Self.baudRates.firstIndex(of: baudRate) else { return nil }
    self = .baudRate(code: 0xB8 + UInt8(place))
  }

  /// The same; 2400, which most meters have, without one.
  static func speed(_ baudRate: Int?) -> MBusCommand {
    baudRate.flatMap { MBusCommand(baudRate: $0) } ?? .baudRate(code: 0xBB)
  }

  /// Chooses a set of data for the next readout.
  init(_ dataSet: MBusDataSet) {
    self =
      switch dataSet {
      case .telegrams(let subcode): .applicationReset(subcode)
      // DIF 7F is the global readout request, VIF 7E any value.
      case .all: .records([0x7F, 0x7E])
      // DIF 08 selects without data; here with storage 31 and tariff 3, which stand for all of them.
      case .any: .records([0xC8, 0x3F, 0x7E])
      case .maker(let information): .maker(information)
      }
  }

  /// The frame to an address of the link layer. It does not have a frame count bit: a slave takes it at any time.
  package func frame(to address: UInt8) -> MBusFrame {
    let (information, data): (UInt8, [UInt8]) =
      switch self {
      case .applicationReset(let subcode): (0x50, subcode.map { [$0] } ?? [])
      case .synchronize: (0x54, [])
      case .baudRate(let code): (code, [])
      case .records(let records): (0x51, records)
      case .maker(let information): (information, [])
      }
    return .long(control: 0x53, address: address, information: information, data: data)
  }
}
