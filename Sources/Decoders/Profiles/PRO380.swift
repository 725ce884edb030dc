/// inepro PRO380-Mb, a three-phase electricity meter.
///
/// On the wire the storage number is the conductor (0 the sum, 1, 2, 3 the phases), also for energy. The function
/// "minimum" marks the registers of energy delivered to the grid. Two tariffs as usual. Power is signed.
enum PRO380: MeterFamily {
  static var name: StaticString { "pro380" }
  static var modelName: StaticString { "PRO380" }
  static var headers: [MBusHeaders] { .electricityMeter("INM", versions: 1...1) }

  static func rename(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? {
    var renamed = naming
    switch record.storage {
    case 0: guard record.function == .minimum else { return nil }
    case 1: renamed.key.phase = .l1
    case 2: renamed.key.phase = .l2
    case 3: renamed.key.phase = .l3
    default: return nil
    }
    renamed.key.storage = 0
    guard record.function == .minimum else { return renamed }
    switch naming.key.name {
    case .energyImport: renamed.key.name = .energyExport
    case .reactiveEnergy: renamed.key.name = .reactiveEnergyExport
    case .apparentEnergy: renamed.key.name = .apparentEnergyExport
    default: return renamed
    }
    renamed.key.function = .instantaneous
    return renamed
  }
}
