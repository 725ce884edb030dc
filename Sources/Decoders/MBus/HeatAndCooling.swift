/// Meters of the medium "heat and cooling" whose family has no other rule. They book the energy of cooling as tariff 1 beside
/// that of heat, and further tariffs behind it.
enum HeatAndCooling {
  private static let medium: UInt8 = 0x0D
  /// Its tariffs are tariffs: it has a register of its own for cooling.
  private static let kamstrup = MeterIdentity.manufacturer(UInt8(ascii: "K"), UInt8(ascii: "A"), UInt8(ascii: "M"))

  /// Whether tariff 1 of a telegram is cooling: not where the telegram has a register of its own for it.
  static func isBooked(_ header: MBusHeader, _ context: MBusContext) -> Bool {
    guard header.medium == medium, header.manufacturer & 0x7FFF != kamstrup else {
      return false
    }
    return !context.records.contains { $0.quantity == .energy && $0.modifiers.contains(.negative) }
  }

  /// Changes the field of a record that is cooling.
  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord) {
    guard record.quantity == .energy, record.tariff == 1, record.modifiers.isEmpty else { return }
    naming.assign(.coolingEnergy, record)
    naming.key.tariff = 0
  }
}
