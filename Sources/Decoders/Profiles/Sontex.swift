/// Sontex Supercal 531, a heat meter. Version: product list of libmbus.
enum Supercal531: MeterFamily {
  static var name: StaticString { "supercal531" }
  static var modelName: StaticString { "Supercal 531" }
  static var headers: [MBusHeaders] { .heatMeter("SON", versions: 0x0D...0x0D) }
  static var plainQuantities: [MBusQuantity]? { [] }
}

/// Sontex Supercal 739, Superstatic 749 and 789, heat meters with the same electronics. Version and records: driver supercal
/// of wmbusmeters, and a parser after the maker's "M-Bus Frames 7x9" of 2019. Storage 20 is the last due date.
enum Supercal739: MeterFamily {
  static var name: StaticString { "supercal739" }
  static var modelName: StaticString { "Supercal 739 / Superstatic 749, 789" }
  static var headers: [MBusHeaders] { .heatMeter("SON", versions: 0x1B...0x1B) }
  static var plainQuantities: [MBusQuantity]? { [] }
}
