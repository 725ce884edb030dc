/// Itron CF Echo II, CF 51 and CF 55, heat and cooling meters. Versions: product list of libmbus.
enum ItronCFEcho2: ItronCF {
  static var name: StaticString { "itroncfecho2" }
  static var modelName: StaticString { "CF Echo II" }
  static var version: UInt8 { 0x09 }
}

enum ItronCF51: ItronCF {
  static var name: StaticString { "itroncf51" }
  static var modelName: StaticString { "CF 51" }
  static var version: UInt8 { 0x0A }
}

enum ItronCF55: ItronCF {
  static var name: StaticString { "itroncf55" }
  static var modelName: StaticString { "CF 55" }
  static var version: UInt8 { 0x0B }
}

/// A value that these meters cannot measure, as without sensors, has the function "error", and a 9 in every digit. That is
/// not a number.
protocol ItronCF: MeterFamily {
  /// The version in the header of the telegram.
  static var version: UInt8 { get }
}

extension ItronCF {
  static var headers: [MBusHeaders] { .heatMeter("ACW", versions: version...version) }
  static var plainQuantities: [MBusQuantity]? { [] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    guard record.function == .error, (9...12).contains(context.bytes[Int(record.dib.start)] & 15),
      record.data.indices.allSatisfy({ context.bytes[$0] == 0x99 })
    else { return }
    naming.absence = .dataError
  }
}
