@testable import Decoders

/// ABC THERMO 5, a heat and cooling meter. Cooling energy stands behind the maker's code 30, in kWh (data sheet 5.2).
enum THERMO5: MeterFamily {
  static var name: StaticString { "thermo5" }
  static var modelName: StaticString { "THERMO 5" }
  static var headers: [MBusHeaders] { [MBusHeaders("ABC", version: 0x12, media: [0x04, 0x0D])] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    if context.makerCode(record) == 0x30 { naming = naming.named(.coolingEnergy, record, unit: .kilowattHour) }
  }
}
