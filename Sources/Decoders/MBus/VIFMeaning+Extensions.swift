extension VIFMeaning {
  /// The table behind VIF FD.
  static func extensionFD(_ vife: UInt8) -> VIFMeaning {
    switch vife & 0x7F {
    case 0x00...0x03: VIFMeaning(.credit, .none, Int(vife & 3) - 3)
    case 0x04...0x07: VIFMeaning(.debit, .none, Int(vife & 3) - 3)
    case 0x08...0x1F: identity(vife)
    case 0x20...0x2F: storage(vife)
    case 0x30...0x3F: tariff(vife)
    case 0x40...0x4F: VIFMeaning(.voltage, .volt, Int(vife & 15) - 9)
    case 0x50...0x5F: VIFMeaning(.current, .ampere, Int(vife & 15) - 12)
    default: state(vife)
    }
  }

  /// FD 08 to 1F: identification and communication of the meter.
  private static func identity(_ vife: UInt8) -> VIFMeaning {
    switch vife & 0x7F {
    case 0x08: plain(.accessNumber)
    case 0x09: plain(.medium)
    case 0x0A: plain(.manufacturer)
    case 0x0B: plain(.parameterSet)
    case 0x0C: plain(.modelVersion)
    case 0x0D: plain(.hardwareVersion)
    case 0x0E: plain(.firmwareVersion)
    case 0x0F: plain(.softwareVersion)
    case 0x10: VIFMeaning(.customerLocation, .none, 0, .digits)
    case 0x11: VIFMeaning(.customer, .none, 0, .digits)
    case 0x12: plain(.accessCodeUser)
    case 0x13: plain(.accessCodeOperator)
    case 0x14: plain(.accessCodeSystemOperator)
    case 0x15: plain(.accessCodeDeveloper)
    case 0x16: plain(.password)
    case 0x17: plain(.errorFlags)
    case 0x18: plain(.errorMask)
    case 0x19: plain(.securityKey)
    case 0x1A: plain(.digitalOutput)
    case 0x1B: plain(.digitalInput)
    case 0x1C: plain(.baudRate)
    case 0x1D: plain(.responseDelay)
    case 0x1E: plain(.retry)
    default: plain(.remoteControl)
    }
  }

  /// FD 20 to 2F: storage and readout.
  private static func storage(_ vife: UInt8) -> VIFMeaning {
    switch vife & 0x7F {
    case 0x20: plain(.firstStorage)
    case 0x21: plain(.lastStorage)
    case 0x22: plain(.storageBlockSize)
    case 0x24...0x27: duration(.storageInterval, vife)
    case 0x28: VIFMeaning(.storageInterval, .month)
    case 0x29: VIFMeaning(.storageInterval, .year)
    case 0x2A: plain(.operatorData)
    case 0x2B: VIFMeaning(.timePoint, .second)
    case 0x2C...0x2F: duration(.sinceReadout, vife)
    default: VIFMeaning(.reserved)
    }
  }

  /// FD 30 to 3F: tariffs, and values without a dimension.
  private static func tariff(_ vife: UInt8) -> VIFMeaning {
    switch vife & 0x7F {
    case 0x30: VIFMeaning(.tariffStart, .none, 0, .time)
    case 0x31...0x33: duration(.tariffDuration, vife)
    case 0x34...0x37: duration(.tariffPeriod, vife)
    case 0x38: VIFMeaning(.tariffPeriod, .month)
    case 0x39: VIFMeaning(.tariffPeriod, .year)
    case 0x3A: VIFMeaning(.dimensionless)
    case 0x3B: VIFMeaning(.wirelessContainer, .none, 0, .opaque)
    case 0x3C...0x3F: duration(.transmissionPeriod, vife)
    default: VIFMeaning(.reserved)
    }
  }

  /// FD 60 to 7F: counters, battery, radio.
  private static func state(_ vife: UInt8) -> VIFMeaning {
    switch vife & 0x7F {
    case 0x60: plain(.resetCounter)
    case 0x61: plain(.cumulationCounter)
    case 0x62: plain(.controlSignal)
    case 0x63: plain(.dayOfWeek)
    case 0x64: plain(.weekNumber)
    case 0x65: plain(.dayChange)
    case 0x66: plain(.parameterActivation)
    case 0x67: plain(.supplierInformation)
    case 0x68...0x6B: longDuration(.sinceCumulation, vife)
    case 0x6C...0x6F: longDuration(.batteryOperatingTime, vife)
    case 0x70: VIFMeaning(.batteryChange, .none, 0, .time)
    case 0x71: VIFMeaning(.signalStrength, .decibelMilliwatt)
    case 0x72: VIFMeaning(.daylightSaving, .none, 0, .opaque)
    case 0x73: plain(.listeningWindow)
    case 0x74: VIFMeaning(.batteryRemaining, .day, 0, .unsigned)
    case 0x75: plain(.stopCount)
    default: VIFMeaning(.reserved)
    }
  }

  /// The table behind VIF FB.
  static func extensionFB(_ vife: UInt8) -> VIFMeaning {
    let one = Int(vife & 1)
    let two = Int(vife & 3)
    switch vife & 0x7F {
    case 0x00...0x01: return VIFMeaning(.energy, .wattHour, one + 5)
    case 0x02...0x03: return VIFMeaning(.reactiveEnergy, .varHour, one + 3)
    case 0x04...0x05: return VIFMeaning(.apparentEnergy, .voltAmpereHour, one + 3)
    case 0x08...0x09: return VIFMeaning(.energy, .joule, one + 8)
    case 0x0C...0x0F: return VIFMeaning(.energy, .calorie, two + 5)
    case 0x10...0x11: return VIFMeaning(.volume, .cubicMetre, one + 2)
    case 0x14...0x17: return VIFMeaning(.reactivePower, .reactiveVar, two)
    case 0x18...0x19: return VIFMeaning(.mass, .kilogram, one + 5)
    case 0x1A...0x1B: return VIFMeaning(.relativeHumidity, .percent, one - 1)
    case 0x20: return VIFMeaning(.volume, .cubicFoot)
    case 0x21: return VIFMeaning(.volume, .cubicFoot, -1)
    case 0x22...0x23: return VIFMeaning(.volume, .gallon, one - 1)
    case 0x24: return VIFMeaning(.volumeFlow, .gallonPerMinute, -3)
    case 0x25: return VIFMeaning(.volumeFlow, .gallonPerMinute)
    case 0x26: return VIFMeaning(.volumeFlow, .gallonPerHour)
    case 0x28...0x29: return VIFMeaning(.power, .watt, one + 5)
    case 0x2A...0x2B: return VIFMeaning(.phaseAngle, .degree, -1)
    case 0x2C...0x2F: return VIFMeaning(.frequency, .hertz, two - 3)
    case 0x30...0x31: return VIFMeaning(.power, .joulePerHour, one + 8)
    case 0x34...0x37: return VIFMeaning(.apparentPower, .voltAmpere, two)
    case 0x58...0x5B: return VIFMeaning(.flowTemperature, .fahrenheit, two - 3)
    case 0x5C...0x5F: return VIFMeaning(.returnTemperature, .fahrenheit, two - 3)
    case 0x60...0x63: return VIFMeaning(.temperatureDifference, .fahrenheit, two - 3)
    case 0x64...0x67: return VIFMeaning(.externalTemperature, .fahrenheit, two - 3)
    case 0x68...0x6B: return VIFMeaning(.ratingFactor)
    case 0x70...0x73: return VIFMeaning(.temperatureLimit, .fahrenheit, two - 3)
    case 0x74...0x77: return VIFMeaning(.temperatureLimit, .celsius, two - 3)
    case 0x78...0x7F: return VIFMeaning(.cumulativeMaximumPower, .watt, Int(vife & 7) - 3)
    default: return VIFMeaning(.reserved)
    }
  }
}
