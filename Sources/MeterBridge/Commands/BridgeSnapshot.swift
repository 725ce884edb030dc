internal import Base
internal import Decoders

/// What a command sees of the running daemon: its meters, and what they do.
struct BridgeSnapshot: Equatable {
  /// A value with its name and unit.
  struct Value: Equatable {
    /// The last level of its topic.
    var name: String
    var text: String
    var unit: String
    var isNumber = true
  }

  struct Meter: Equatable {
    var id: String
    var name: String?
    /// Whether its last telegram is young enough.
    var isOnline: Bool
    /// Since its last telegram; nil before the first.
    var age: Milliseconds?
    /// Its power, its flow or its register, if it is true now.
    var main: Value?
    /// The code of what is wrong with it.
    var trouble: String?
  }

  var meters: [Meter]
  /// Nil if that is not known.
  var isBrokerConnected: Bool?

  /// Whether the last telegram of every meter is young enough.
  var isFresh: Bool { meters.allSatisfy(\.isOnline) }

  /// The output of `status --json`.
  var json: String {
    var json = JSONText()
    json.object { json in
      json.member("fresh", isFresh)
      if let isBrokerConnected { json.member("broker_connected", isBrokerConnected) }
      json.array("meters") { json in for meter in meters { json.snapshot(meter) } }
    }
    return json.text
  }
}

extension JSONText {
  fileprivate mutating func snapshot(_ meter: BridgeSnapshot.Meter) {
    object { json in
      json.member("id", meter.id)
      if let name = meter.name { json.member("name", name) }
      json.member("availability", meter.isOnline ? "online" : "offline")
      if let age = meter.age {
        json.member("age", FixedDecimal(age.count, exponent: -3))
      } else {
        json.member("age", nil)
      }
      if let main = meter.main {
        json.object("main") { json in
          json.member("name", main.name)
          json.key("value")
          if main.isNumber { json.raw(main.text) } else { json.value(main.text) }
          json.member("unit", main.unit)
        }
      }
      if let trouble = meter.trouble { json.member("trouble", trouble) }
    }
  }
}
