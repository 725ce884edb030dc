/// inepro PRO380-Mb, a three-phase electricity meter.
///
/// On the wire the storage number is the conductor (0 the sum, 1, 2, 3 the phases), also for energy. The function
/// "minimum" marks the registers of energy delivered to the grid. Two tariffs as usual. Power is signed.
///
/// Two data sets are known by their CI alone: a control frame with B1 or B4 before REQ_UD2 chooses one (descriptor of this
/// meter in tasmota/docs, Smart-Meter-Interface.md).
enum PRO380: MeterFamily {
  static var name: StaticString { "pro380" }
  static var modelName: StaticString { "PRO380" }
  static var headers: [MBusHeaders] { .electricityMeter("INM", versions: 1...1) }
  static var dataSets: [(name: String, information: UInt8)] { [("b1", 0xB1), ("b4", 0xB4)] }

  static var plainQuantities: [MBusQuantity]? { [] }
  static var rewritesKeys: Bool { true }

  static func rewrite(_ key: inout FieldKey) {
    switch key.storage {
    case 0: break
    case 1: key.phase = .l1
    case 2: key.phase = .l2
    case 3: key.phase = .l3
    default: return
    }
    key.storage = 0
    guard key.function == .minimum else { return }
    switch key.name {
    case .energyImport: key.name = .energyExport
    case .reactiveEnergy: key.name = .reactiveEnergyExport
    case .apparentEnergy: key.name = .apparentEnergyExport
    default: return
    }
    key.function = .instantaneous
  }
}
