extension MBusHeader {
  /// The name of the medium's code in the output of `decode` (EN 13757-3, device types).
  package var mediumName: String {
    switch medium {
    case 0x00: "other"
    case 0x01: "oil"
    case 0x02: "electricity"
    case 0x03: "gas"
    case 0x04: "heat_outlet"
    case 0x05: "steam"
    case 0x06: "warm_water"
    case 0x07: "water"
    case 0x08: "heat_cost_allocator"
    case 0x09: "compressed_air"
    case 0x0A: "cooling_outlet"
    case 0x0B: "cooling_inlet"
    case 0x0C: "heat_inlet"
    case 0x0D: "heat_cooling"
    case 0x0E: "bus_system"
    case 0x0F: "unknown"
    case 0x14: "calorific_value"
    case 0x15: "hot_water"
    case 0x16: "cold_water"
    case 0x17: "dual_water"
    case 0x18: "pressure"
    case 0x19: "ad_converter"
    case 0x1A: "smoke_detector"
    case 0x1B: "room_sensor"
    case 0x1C: "gas_detector"
    case 0x20: "breaker_electricity"
    case 0x21: "valve"
    case 0x25: "customer_unit"
    case 0x28: "waste_water"
    case 0x29: "garbage"
    case 0x31: "gateway"
    case 0x36: "radio_converter_system"
    case 0x37: "radio_converter_meter"
    default: "reserved"
    }
  }

  /// The medium as users name it.
  package var publishedMedium: Medium {
    switch medium {
    case 0x02: .electricity
    case 0x03: .gas
    case 0x04, 0x0C, 0x0D: .heat
    case 0x0A, 0x0B: .cooling
    case 0x06, 0x07, 0x15, 0x16, 0x17: .water
    case 0x08: .heatCostAllocator
    case 0x28: .wasteWater
    default: .other
    }
  }

  /// The code for the medium of a fixed structure. 10 to 14 are the same media, sent most significant byte first.
  static func medium(ofFixedStructure code: UInt8) -> UInt8 {
    switch code {
    case 0...8: code
    case 0x0A: 0x03
    case 0x0B: 0x04
    case 0x0C: 0x06
    case 0x0D: 0x07
    case 0x0E: 0x08
    default: 0x0F
    }
  }
}
