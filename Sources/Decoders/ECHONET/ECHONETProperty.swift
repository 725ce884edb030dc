/// The only table of properties, a line each (ECHONET Appendix, low-voltage smart electric energy meter class, releases
/// F to R).
struct ECHONETProperty {
  /// The format of the data.
  enum Form {
    case operationStatus, faultStatus, location, release, maker, text, timeOfDay, date, propertyMap, identification
    case coefficient, digits, energyUnit, energy, power, currents, scheduled, minute
    /// Half-hourly values of one day.
    case day
    /// Both energies every `stepMinutes`, at most `limit` of them.
    case history(stepMinutes: Int, limit: Int)
    case selection(limit: Int)
    case dayNumber, objects, unknown
  }

  let name: StaticString
  let form: Form
  /// The allowed numbers of data bytes; empty for any number.
  let lengths: [Int]

  private init(_ name: StaticString, _ form: Form, _ lengths: Int...) {
    self.name = name
    self.form = form
    self.lengths = lengths
  }

  /// The line of a property; one named `unknown` if the table does not have it.
  ///
  /// Codes up to 9F mean the same in every class, the others only in theirs.
  init(_ code: UInt8, of object: ECHONETObject) {
    self =
      if code < 0xA0 { .common(code) } else if object.isMeter { .meter(code) } else if object.isNodeProfile {
        .nodeProfile(code)
      } else { Self("unknown", .unknown) }
  }

  private static func common(_ code: UInt8) -> ECHONETProperty {
    switch code {
    case 0x80: Self("operation_status", .operationStatus, 1)
    case 0x81: Self("installation_location", .location, 1, 17)
    case 0x82: Self("standard_version", .release, 4)
    case 0x88: Self("fault_status", .faultStatus, 1)
    case 0x8A: Self("manufacturer_code", .maker, 3)
    case 0x8D: Self("serial_number", .text, 12)
    case 0x97: Self("current_time", .timeOfDay, 2)
    case 0x98: Self("current_date", .date, 4)
    case 0x9D: Self("status_change_property_map", .propertyMap)
    case 0x9E: Self("set_property_map", .propertyMap)
    case 0x9F: Self("get_property_map", .propertyMap)
    default: Self("unknown", .unknown)
    }
  }

  private static func meter(_ code: UInt8) -> ECHONETProperty {
    switch code {
    case 0xC0: Self("route_b_id", .identification, 16)
    case 0xD0: Self("one_minute_cumulative_energy", .minute, 15)
    case 0xD3: Self("coefficient", .coefficient, 4)
    case 0xD7: Self("effective_digits", .digits, 1)
    case 0xE0: Self("cumulative_energy_normal", .energy, 4)
    case 0xE1: Self("energy_unit", .energyUnit, 1)
    case 0xE2: Self("energy_history1_normal", .day, 194)
    case 0xE3: Self("cumulative_energy_reverse", .energy, 4)
    case 0xE4: Self("energy_history1_reverse", .day, 194)
    case 0xE5: Self("history1_day", .dayNumber, 1)
    case 0xE7: Self("instantaneous_power", .power, 4)
    case 0xE8: Self("instantaneous_current", .currents, 4)
    case 0xEA: Self("scheduled_energy_normal", .scheduled, 11)
    case 0xEB: Self("scheduled_energy_reverse", .scheduled, 11)
    case 0xEC: Self("energy_history2", .history(stepMinutes: 30, limit: 12))
    case 0xED: Self("history2_time", .selection(limit: 12), 7)
    case 0xEE: Self("energy_history3", .history(stepMinutes: 1, limit: 10))
    case 0xEF: Self("history3_time", .selection(limit: 10), 7)
    default: Self("unknown", .unknown)
    }
  }

  private static func nodeProfile(_ code: UInt8) -> ECHONETProperty {
    switch code {
    case 0xD5: Self("instance_list_notification", .objects)
    case 0xD6: Self("self_node_instance_list", .objects)
    default: Self("unknown", .unknown)
    }
  }

  /// The unit of its numbers.
  var unit: Unit {
    switch form {
    case .energyUnit, .energy, .scheduled, .minute, .day, .history: .kilowattHour
    case .power: .watt
    case .currents: .ampere
    default: .none
    }
  }
}
