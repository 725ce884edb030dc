import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

private let full = RetainedState(
  baseTopic: "home/meters", discoveryPrefix: "ha", nodeID: "cellar",
  devices: [
    RetainedState.Entry(
      device: Device(
        id: "grid", name: "Zähler \"1\"\u{7F}\n", manufacturer: "null", model: "true", serial: "0123",
        medium: .electricity, protocolName: "p1"),
      fields: [
        described(FieldKey(.energyImport, tariff: 1)),
        described(
          FieldKey(.power, phase: .l2, tariff: .max, function: .minimum, storage: .max, subunit: .max, ordinal: .max),
          .kilowatt),
        described(FieldKey(.code), .month, isNumber: false),
        FieldDescription(level: "mbus_02_7c036d7070", key: FieldKey(.code), unit: .stated, isNumber: true),
        FieldDescription(
          level: "meter_time", key: FieldKey(.meterTime), unit: .none, isNumber: false, isDate: true),
      ]),
    RetainedState.Entry(
      device: Device(id: "grid_gas", parent: "grid", medium: .gas, protocolName: "p1"), fields: []),
  ])

@Test("the written state is read back")
func retainedRoundTrip() throws {
  #expect(try RetainedState(parsing: full.encoded()) == full)
}

@Test("the forms of discovery are read back, and an older file has the document of the device")
func retainedForms() throws {
  for forms in [[], .device, .classic, DiscoveryForms.both] {
    var state = full
    state.forms = forms
    #expect(try RetainedState(parsing: state.encoded()).forms == forms)
  }
  for more in ["", #","discovery":"later""#] {
    let text = #"{"base_topic":"m","discovery_prefix":"h","node_id":"n"\#(more)}"#
    #expect(try RetainedState(parsing: Array(text.utf8)).forms == .device)
  }
}

/// As many meters as a configuration has by default, in one line of more than a megabyte.
@Test("a large state is read back")
func largeRetainedState() throws {
  var state = full
  let fields = FieldName.allCases.map { described(FieldKey($0, tariff: 7)) }
  state.devices = (0..<Limits.meters).map { number in
    RetainedState.Entry(
      device: Device(id: "meter_\(number)", medium: .heat, protocolName: "mbus"), fields: fields)
  }
  let bytes = state.encoded()
  #expect(bytes.count > 1_000_000)
  #expect(try RetainedState(parsing: bytes) == state)
}

@Test("every field name is read back")
func retainedNames() throws {
  var state = full
  state.devices[0].fields = FieldName.allCases.map { described(FieldKey($0)) }
  #expect(try RetainedState(parsing: state.encoded()) == state)
}

/// The code of a record points into a reading that is gone.
@Test("the code of a record is not kept")
func retainedCode() throws {
  var state = full
  state.devices[0].fields = [described(FieldKey(.code, code: .obis(Obis(1, 0, 99, 9, 9))))]
  let read = try RetainedState(parsing: state.encoded())
  #expect(read.devices[0].fields == [described(FieldKey(.code))])
}

@Test("a newer file is read as far as it is known")
func newerRetainedState() throws {
  let text = """
    {"base_topic":"m","later":{"a":[1,{"b":2}]},"devices":[{"id":"x","medium":"steam","more":[],
    "fields":[{"level":"steam_t2","name":"steam","tariff":2,"phase":"l9","unit":"st"}]}],"discovery_prefix":"h",
    "node_id":"n"}
    """
  let state = try RetainedState(parsing: Array(text.utf8))
  #expect(
    state
      == RetainedState(
        baseTopic: "m", discoveryPrefix: "h", nodeID: "n",
        devices: [
          RetainedState.Entry(
            device: Device(id: "x", medium: .other, protocolName: ""),
            fields: [
              FieldDescription(level: "steam_t2", key: FieldKey(.code, tariff: 2), unit: .none, isNumber: false)
            ])
        ]))
}

@Test("nothing of a damaged file is used")
func damagedRetainedState() throws {
  let whole = full.encoded()
  for length in 0..<whole.count {
    #expect(throws: YAMLError.self) { try RetainedState(parsing: Array(whole.prefix(length))) }
  }
  // Any byte may be another: an error or another state, never a trap, and never a wildcard.
  for at in whole.indices {
    for replacement: UInt8 in [0x23, 0x2B, 0x2F, 0x7D, 0x5D, 0x22, 0x00, 0xFF, whole[at] ^ 1] {
      var bytes = whole
      bytes[at] = replacement
      guard let state = try? RetainedState(parsing: bytes) else { continue }
      for entry in state.devices {
        #expect(isSlug(entry.device.id) && entry.fields.allSatisfy { isSlug($0.level) })
      }
    }
  }
}

@Test("a damaged file is reported with its place")
func damageHasItsPlace() {
  let text = ##"{"base_topic":"m","devices":[{"id":"#"}]}"##
  #expect(throws: YAMLError(problem: "not a topic level", at: Mark(line: 1, column: 36))) {
    try RetainedState(parsing: Array(text.utf8))
  }
}
