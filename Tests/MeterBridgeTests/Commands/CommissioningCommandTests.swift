import Testing

@testable import MeterBridge

@Test("without --yes the order is told, and nothing is opened")
func withoutYes() throws {
  let address = try runProgram(["set-address", "/nowhere", "--meter", "12345678", "--to", "5"])
  #expect(address.status == 64)
  #expect(
    address.errors.contains("would give address 5 to the meter with address 12345678 on /nowhere, at 2400 8E1"))
  #expect(address.errors.hasSuffix("Nothing is sent without --yes.\n"))
  let baud = try runProgram(
    ["set-baud", "/nowhere", "--meter", "123456782D2C0104", "--to", "9600", "--baud", "300"])
  #expect(baud.status == 64 && baud.errors.contains("at 300 8E1, to 9600 baud"))
}

@Test(
  "a wrong order is refused before anything is opened",
  arguments: [
    ["set-address", "/nowhere", "--to", "5", "--yes"],
    ["set-address", "/nowhere", "--meter", "12345678", "--yes"],
    ["set-address", "/nowhere", "--meter", "45", "--to", "5", "--yes"],
    ["set-address", "/nowhere", "--meter", "1234567Z", "--to", "5", "--yes"],
    ["set-address", "/nowhere", "--meter", "12345678", "--to", "251", "--yes"],
    ["set-address", "file:/x", "--meter", "12345678", "--to", "5", "--yes"],
    ["set-baud", "/nowhere", "--meter", "12345678", "--to", "1234", "--yes"],
    ["set-baud", "/nowhere", "--meter", "12345678", "--to", "2400", "--yes"],
    ["set-baud", "tcp://gateway:1", "--meter", "12345678", "--to", "9600", "--yes"],
  ])
func wrongOrders(words: [String]) throws {
  let result = try runProgram(words)
  #expect(result.status == 64, "\(result.errors)")
  #expect(result.errors.hasPrefix("meterbridge \(words[0]): "))
}
