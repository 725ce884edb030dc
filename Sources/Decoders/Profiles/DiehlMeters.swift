/// Diehl (Hydrometer) Sharky 774, a heat and cooling meter. Version: driver sharky774 of wmbusmeters.
enum Sharky774: MeterFamily {
  static var name: StaticString { "sharky774" }
  static var modelName: StaticString { "SHARKY 774" }
  static var headers: [MBusHeaders] { .heatMeter("DME", versions: 0x41...0x41) }
  static var plainQuantities: [MBusQuantity]? { [] }
}

/// Diehl (Hydrometer) Sharky 775, a heat and cooling meter. Versions: product list of libmbus, driver sharky of wmbusmeters.
/// What it sends is the standard's; energies of tariff 1 and volumes of tariff 2 are its registers for a second use.
enum Sharky775: MeterFamily {
  static var name: StaticString { "sharky775" }
  static var modelName: StaticString { "SHARKY 775" }
  static var headers: [MBusHeaders] {
    .heatMeter("HYD", versions: 0x2F...0x2F) + .heatMeter("HYD", versions: 0x20...0x20)
      + .heatMeter("DME", versions: 0x40...0x40)
  }
  static var plainQuantities: [MBusQuantity]? { [] }
}

/// Diehl (Hydrometer) Hydrus, a water meter. Versions: driver hydrus of wmbusmeters.
enum Hydrus: MeterFamily {
  static var name: StaticString { "hydrus" }
  static var modelName: StaticString { "HYDRUS" }
  static var headers: [MBusHeaders] {
    [
      MBusHeaders("DME", version: 0x70, media: [0x06, 0x07, 0x16]),
      MBusHeaders("DME", version: 0x76, media: [0x06, 0x07, 0x16]),
      MBusHeaders("HYD", version: 0x24, media: [0x06, 0x07, 0x16]),
      MBusHeaders("HYD", version: 0x8B, media: [0x06, 0x07, 0x16]),
    ]
  }
  static var plainQuantities: [MBusQuantity]? { [] }
}
