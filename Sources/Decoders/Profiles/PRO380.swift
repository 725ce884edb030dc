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

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    switch record.storage {
    case 0: break
    case 1: naming.key.phase = .l1
    case 2: naming.key.phase = .l2
    case 3: naming.key.phase = .l3
    default: return
    }
    naming.key.storage = 0
    guard record.function == .minimum else { return }
    switch naming.key.name {
    case .energyImport: naming.key.name = .energyExport
    case .reactiveEnergy: naming.key.name = .reactiveEnergyExport
    case .apparentEnergy: naming.key.name = .apparentEnergyExport
    default: return
    }
    naming.key.function = .instantaneous
  }
}
