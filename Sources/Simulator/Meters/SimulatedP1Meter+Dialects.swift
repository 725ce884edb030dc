internal import Decoders

/// The lines of each dialect, in the order its meters send them.
extension SimulatedP1Meter {
  private typealias Format = P1Writer.Format

  private var registers: SimulatedElectricity.Registers { electricity.registers }

  func netherlands5Telegram() -> [UInt8] {
    var text = P1Writer(identification: "ISK5\\2M550T-1013")
    let clock = LocalClock.central
    text.line("1-3:0.2.8(50)")
    text.line("0-0:1.0.0(\(P1Writer.time(second, clock)))")
    text.line("0-0:96.1.1(\(P1Writer.hexadecimal(serial ?? "")))")
    energyByTariff(&text, Format(6, 3, "kWh"))
    text.line("0-0:96.14.0(\(String(registers.tariff, width: 4)))")
    totalPower(&text, Format(2, 3, "kW"))
    text.line("0-0:96.7.21(00004)")
    text.line("0-0:96.7.9(00002)")
    text.line("1-0:99.97.0(2)(0-0:96.7.19)(210917043312S)(0000000312*s)(230105161145W)(0000001458*s)")
    for code in ["32.32", "52.32", "72.32", "32.36", "52.36", "72.36"] { text.line("1-0:\(code).0(00000)") }
    text.line("0-0:96.13.0()")
    byPhase(&text, ["32", "52", "72"], registers.voltage.map { $0 * 10 }, Format(3, 1, "V"))
    byPhase(&text, ["31", "51", "71"], registers.current.map { $0 * 10 }, Format(3, 0, "A"))
    phasePower(&text, Format(2, 3, "kW"))
    if let gas {
      text.line("0-1:24.1.0(003)")
      text.line("0-1:96.1.0(\(P1Writer.hexadecimal("G0039001234567890")))")
      capture(&text, "0-1:24.2.1", gas)
    }
    return text.finished(hasChecksum: true)
  }

  func belgianTelegram() -> [UInt8] {
    var text = P1Writer(identification: "FLU5\\253770001_A")
    let clock = LocalClock.central
    text.line("0-0:96.1.4(50217)")
    text.line("0-0:96.1.1(\(P1Writer.hexadecimal(serial ?? "")))")
    text.line("0-0:1.0.0(\(P1Writer.time(second, clock)))")
    energyByTariff(&text, Format(6, 3, "kWh"))
    text.line("0-0:96.14.0(\(String(registers.tariff, width: 4)))")
    let kilowatt = Format(2, 3, "kW")
    if let demand = electricity.demand {
      text.number("1-0:1.4.0", thousandths: demand.average, kilowatt)
      text.line("1-0:1.6.0" + peak(demand.peak))
      let months = demand.history.map { "(\(P1Writer.time($0.end, clock)))" + peak($0.peak) }
      text.line("0-0:98.1.0(\(months.count))(1-0:1.6.0)(1-0:1.6.0)" + months.joined())
    }
    totalPower(&text, kilowatt)
    phasePower(&text, kilowatt)
    byPhase(&text, ["32", "52", "72"], registers.voltage.map { $0 * 10 }, Format(3, 1, "V"))
    byPhase(&text, ["31", "51", "71"], registers.current.map { $0 * 10 }, Format(3, 2, "A"))
    text.line("0-0:96.3.10(1)")
    text.line("0-0:17.0.0(999.9*kW)")
    text.line("1-0:31.4.0(999*A)")
    text.line("0-0:96.13.0()")
    if let gas {
      text.line("0-1:24.1.0(003)")
      text.line("0-1:96.1.1(\(P1Writer.hexadecimal("7FLO2119001234")))")
      text.line("0-1:24.4.0(1)")
      capture(&text, "0-1:24.2.3", gas)
    }
    if let water {
      text.line("0-2:24.1.0(007)")
      text.line("0-2:96.1.1(\(P1Writer.hexadecimal("8SAG1234501234")))")
      capture(&text, "0-2:24.2.1", water)
    }
    return text.finished(hasChecksum: true)
  }

  func netherlands2Telegram() -> [UInt8] {
    var text = P1Writer(identification: "ISk5\\2MT382-1000")
    text.line("0-0:96.1.1(\(P1Writer.hexadecimal(serial ?? "")))")
    energyByTariff(&text, Format(5, 3, "kWh"))
    text.line("0-0:96.14.0(\(String(registers.tariff, width: 4)))")
    totalPower(&text, Format(4, 2, "kW"))
    text.line("0-0:17.0.0(999*A)")
    text.line("0-0:96.3.10(1)")
    text.line("0-0:96.13.1()")
    text.line("0-0:96.13.0()")
    if let gas {
      text.line("0-1:24.1.0(3)")
      text.line("0-1:96.1.0(\(P1Writer.hexadecimal("28101E0012345678")))")
      let time = P1Writer.time(gas.capture.second, .central, hasSeason: false)
      text.line("0-1:24.3.0(\(time))(00)(60)(1)(0-1:24.2.1)(m3)")
      // The number is alone on the line after its unit, and has none.
      let number = P1Writer.number(thousandths: gas.capture.litres, Format(5, 3, ""))
      text.line("(\(number.dropLast()))")
      text.line("0-1:24.4.0(1)")
    }
    return text.finished(hasChecksum: false)
  }

  func luxembourgTelegram() -> [UInt8] {
    var text = P1Writer(identification: "Lux5\\253663001_A")
    text.line("1-3:0.2.8(42)")
    text.line("0-0:1.0.0(\(P1Writer.time(second, .central)))")
    text.line("0-0:42.0.0(\(P1Writer.hexadecimal(serial ?? "")))")
    energyTotals(&text, Format(6, 3, "kWh"), Format(6, 3, "kvarh"))
    totalPower(&text, Format(2, 3, "kW"))
    totalReactivePower(&text, Format(2, 3, "kvar"))
    text.line("0-0:17.0.0(27.600*kVA)")
    text.line("0-0:96.3.10(1)")
    for code in ["0", "2", "3", "4", "5"] { text.line("0-0:96.13.\(code)()") }
    for code in ["32.32", "52.32", "72.32", "32.36", "52.36", "72.36"] { text.line("1-0:\(code).0(00000)") }
    byPhase(&text, ["31", "51", "71"], registers.current.map { $0 * 10 }, Format(3, 0, "A"))
    phasePower(&text, Format(2, 3, "kW"))
    return text.finished(hasChecksum: true)
  }

  static let polishIdentification = "KFM5SIMULATED"

  func polishTelegram() -> [UInt8] {
    var text = P1Writer(identification: Self.polishIdentification)
    text.line("1-3:0.2.8(50)")
    text.line("0-0:1.0.0(\(P1Writer.time(second, .central)))")
    text.line("0-0:96.1.0(\(P1Writer.hexadecimal(serial ?? "")))")
    text.line("0-0:96.1.1(\(P1Writer.hexadecimal("MA309M")))")
    energyTotals(&text, Format(6, 3, "kWh"), Format(6, 3, "kvarh"))
    totalPower(&text, Format(2, 3, "kW"))
    byPhase(&text, ["32", "52", "72"], registers.voltage.map { $0 * 10 }, Format(3, 1, "V"))
    return text.finished(hasChecksum: true)
  }

  func swedishTelegram() -> [UInt8] {
    var text = P1Writer(identification: "ADN9 6534")
    text.line("0-0:1.0.0(\(P1Writer.time(second, .standard)))")
    energyTotals(&text, Format(8, 3, "kWh"), Format(8, 3, "kVArh"))
    totalPower(&text, Format(4, 3, "kW"))
    totalReactivePower(&text, Format(4, 3, "kVAr"))
    let powers = zip([("21", "22"), ("41", "42"), ("61", "62")], registers.power)
    for (codes, power) in powers { direction(&text, codes, power, Format(4, 3, "kW")) }
    let reactive = zip([("23", "24"), ("43", "44"), ("63", "64")], registers.reactivePower)
    for (codes, power) in reactive { direction(&text, codes, power, Format(4, 3, "kVAr")) }
    byPhase(&text, ["32", "52", "72"], registers.voltage.map { $0 * 10 }, Format(3, 1, "V"))
    byPhase(&text, ["31", "51", "71"], registers.current.map { $0 * 10 }, Format(3, 1, "A"))
    return text.finished(hasChecksum: true)
  }

  private func energyByTariff(_ text: inout P1Writer, _ format: Format) {
    for tariff in 0..<2 {
      text.number("1-0:1.8.\(tariff + 1)", thousandths: registers.energyImport[tariff].count, format)
    }
    for tariff in 0..<2 {
      text.number("1-0:2.8.\(tariff + 1)", thousandths: registers.energyExport[tariff].count, format)
    }
  }

  private func energyTotals(_ text: inout P1Writer, _ active: Format, _ reactive: Format) {
    text.number("1-0:1.8.0", thousandths: registers.energyImport.reduce(0) { $0 + $1.count }, active)
    text.number("1-0:2.8.0", thousandths: registers.energyExport.reduce(0) { $0 + $1.count }, active)
    text.number("1-0:3.8.0", thousandths: registers.reactiveImport.count, reactive)
    text.number("1-0:4.8.0", thousandths: registers.reactiveExport.count, reactive)
  }

  private func totalPower(_ text: inout P1Writer, _ format: Format) {
    direction(&text, ("1", "2"), registers.totalPower, format)
  }

  private func totalReactivePower(_ text: inout P1Writer, _ format: Format) {
    direction(&text, ("3", "4"), registers.totalReactivePower, format)
  }

  /// Import of the three phases, then export.
  private func phasePower(_ text: inout P1Writer, _ format: Format) {
    byPhase(&text, ["21", "41", "61"], registers.power.map { max(0, $0) }, format)
    byPhase(&text, ["22", "42", "62"], registers.power.map { max(0, -$0) }, format)
  }

  private func direction(_ text: inout P1Writer, _ codes: (String, String), _ power: Int64, _ format: Format) {
    text.number("1-0:\(codes.0).7.0", thousandths: max(0, power), format)
    text.number("1-0:\(codes.1).7.0", thousandths: max(0, -power), format)
  }

  private func byPhase(_ text: inout P1Writer, _ codes: [String], _ thousandths: [Int64], _ format: Format) {
    for (code, value) in zip(codes, thousandths) { text.number("1-0:\(code).7.0", thousandths: value, format) }
  }

  private func capture(_ text: inout P1Writer, _ code: String, _ volume: SimulatedVolume) {
    let time = P1Writer.time(volume.capture.second, .central)
    text.line("\(code)(\(time))(\(P1Writer.number(thousandths: volume.capture.litres, Format(5, 3, "m3"))))")
  }

  private func peak(_ peak: QuarterHourDemand.Peak) -> String {
    let power = P1Writer.number(thousandths: peak.power, Format(2, 3, "kW"))
    return "(\(P1Writer.time(peak.second, .central)))(\(power))"
  }
}
