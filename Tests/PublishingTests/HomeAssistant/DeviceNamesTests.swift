import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

private func meter(
  _ id: String, behind parent: String? = nil, name: String? = nil, model: String? = "MULTICAL 303",
  number serial: String? = nil, _ medium: Medium = .heat
) -> Device {
  Device(
    id: id, parent: parent, name: name, manufacturer: "KAM", model: model, serial: serial, medium: medium,
    protocolName: "mbus")
}

private func names(_ devices: Device...) -> [String?] {
  let names = DeviceNames(devices)
  return devices.map { names.named($0).name }
}

@Suite struct DeviceNamesTests {
  @Test("meters of one model are told apart by number, else by id")
  func equalModels() {
    #expect(names(meter("a", number: "1")) == ["KAM MULTICAL 303"])
    #expect(
      names(meter("a", number: "1"), meter("b", number: "2"), meter("c", model: "PRO380"))
        == ["KAM MULTICAL 303 1", "KAM MULTICAL 303 2", "KAM PRO380"])
    #expect(
      names(meter("a", number: "1"), meter("b", number: "1"), meter("c"), meter("d", number: "4"))
        == ["KAM MULTICAL 303 a", "KAM MULTICAL 303 b", "KAM MULTICAL 303 c", "KAM MULTICAL 303 4"])
    // The user has told them apart, or wants it so.
    #expect(
      names(meter("a", name: "Flat"), meter("b", name: "Flat"), meter("c", number: "3"))
        == ["Flat", "Flat", "KAM MULTICAL 303"])
    #expect(names(meter("a", model: nil), meter("b", model: nil)) == ["a", "b"])
  }

  @Test("a sub-meter carries the name of its meter")
  func submeters() {
    #expect(
      names(
        meter("grid", name: "Home"), meter("grid_gas", behind: "grid", .gas), meter("grid_gas_2", behind: "grid", .gas),
        meter("grid_waste_water", behind: "grid", .wasteWater), meter("grid_water", behind: "grid", name: "Garden"))
        == ["Home", "Home gas", "Home gas 2", "Home waste water", "Garden"])
    #expect(
      names(meter("a", number: "1"), meter("b", number: "2"), meter("b_gas", behind: "b", model: nil, .gas))
        == ["KAM MULTICAL 303 1", "KAM MULTICAL 303 2", "KAM MULTICAL 303 2 gas"])
    #expect(names(meter("x_gas", behind: "x", model: nil, .gas)) == ["x gas"])
  }

  @Test("the devices that are called otherwise are told")
  func renamed() {
    var names = DeviceNames()
    #expect(names.note(Box(meter("a", number: "1"))) == [])
    #expect(names.note(Box(meter("a_gas", behind: "a", .gas))) == [])
    #expect(names.note(Box(meter("b", number: "2"))) == ["a", "a_gas"])
    #expect(names.note(Box(meter("b", number: "2"))) == [])
    #expect(names.note(Box(meter("c", number: "3"))) == [])
    #expect(names.note(Box(meter("d", number: "3"))) == ["c"])
    #expect(names.note(Box(meter("d", number: "4"))) == ["c"])
    #expect(names.note(Box(meter("a", name: "Flat"))) == ["a_gas"])
    #expect(names.forget("c") == [])
    #expect(names.forget("d") == ["b"])
    #expect(names.named(meter("b", number: "2")).name == "KAM MULTICAL 303")
  }

  /// A thousand meters of one model come one after the other.
  @Test("a new one of many equal meters does not rename the others")
  func manyEqual() {
    var names = DeviceNames()
    let renamed = (0..<1000).reduce(0) { $0 + names.note(Box(meter("m\($1)", number: "\($1)"))).count }
    #expect(renamed == 1)
  }
}

@Test("a name in `enable` is for all conductors and tariffs, a level for itself")
func enabledNames() {
  let list: Set<String> = ["voltage", "energy_s1", "current_l2", "mbus_04_ff07"]
  #expect(described(FieldKey(.voltage)).isNamed(in: list))
  #expect(described(FieldKey(.voltage, phase: .l3, tariff: 2)).isNamed(in: list))
  #expect(!described(FieldKey(.voltage, function: .maximum)).isNamed(in: list))
  #expect(!described(FieldKey(.voltage, storage: 1)).isNamed(in: list))
  #expect(described(FieldKey(.energy, storage: 1)).isNamed(in: list))
  #expect(!described(FieldKey(.energy)).isNamed(in: list))
  #expect(described(FieldKey(.current, phase: .l2)).isNamed(in: list))
  #expect(!described(FieldKey(.current, phase: .l1)).isNamed(in: list))
  #expect(described(FieldKey(.code)).isNamed(in: list))
}
