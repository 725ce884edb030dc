/// Saia-Burgess ALE3 and ALD1, electricity meters, which Finder and Eltako sell under their own names.
///
/// Source: driver eltako of wmbusmeters, which names each record by the maker's protocol. Maker's codes behind the
/// standard's part are 01, 02, 03 the conductor, and 00 the whole meter. Powers of sub-unit 1 are reactive. Storage 2 of an
/// energy is the part that a user can reset.
enum SaiaBurgess: MeterFamily {
  static var name: StaticString { "saiaburgess" }
  static var modelName: StaticString { "ALE3" }
  static var headers: [MBusHeaders] {
    .electricityMeter("SBC", versions: 0...255) + .electricityMeter("FIN", versions: 0...255)
      + .electricityMeter("ELT", versions: 0...255)
  }
  static var plainQuantities: [MBusQuantity]? { [] }

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {
    let codes = context.makerCodes(record)
    guard codes.count == 1, let code = codes.first,
      let phase = code == 0 ? FieldKey.Phase.none : FieldKey.Phase(number: code)
    else { return }
    switch (record.quantity, record.subunit) {
    case (.voltage, 0) where phase != .none: naming = naming.named(.voltage, record, phase: phase)
    case (.current, 0) where phase != .none: naming = naming.named(.current, record, phase: phase)
    case (.power, 0): naming = naming.named(.power, record, phase: phase)
    case (.power, 1): naming = naming.named(.reactivePower, record, phase: phase, unit: .reactiveVar)
    default: break
    }
  }
}
