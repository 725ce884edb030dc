/// Engelmann SensoStar 2 and SensoStar 2C, heat and cooling meters. Versions: product list of libmbus. What they send is
/// the standard's: tariffs 2 and 3 are energies, sub-units 1 to 3 are pulse inputs.
enum Sensostar2: MeterFamily {
  static var name: StaticString { "sensostar2" }
  static var modelName: StaticString { "SensoStar 2" }
  static var headers: [MBusHeaders] { .heatMeter("EFE", versions: 0...0) }
  static var plainQuantities: [MBusQuantity]? { [] }
}

enum Sensostar2C: MeterFamily {
  static var name: StaticString { "sensostar2c" }
  static var modelName: StaticString { "SensoStar 2C" }
  static var headers: [MBusHeaders] { .heatMeter("EFE", versions: 1...1) }
  static var plainQuantities: [MBusQuantity]? { [] }
}
