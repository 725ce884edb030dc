internal import Base
internal import Decoders

extension BridgeSnapshot {
  /// Reads the documents of the API; nil if they are not those.
  ///
  /// - Parameters:
  ///   - list: of `/api/meters`.
  ///   - health: of `/api/health`.
  init?(list: [UInt8], health: [UInt8]) {
    guard let list = JSONObject(list), let elements = list.elements("meters") else { return nil }
    let meters = elements.compactMap { JSONObject($0).flatMap(Meter.init) }
    guard meters.count == elements.count else { return nil }
    self.init(
      meters: meters,
      isBrokerConnected: JSONObject(health)?.object("broker")?.text("connected").map { $0 == "true" })
  }
}

extension BridgeSnapshot.Meter {
  fileprivate init?(_ object: JSONObject) {
    guard let id = object.text("id"), let availability = object.text("availability") else { return nil }
    self.init(
      id: id, name: object.text("name"), isOnline: availability == "online",
      age: object.text("age").flatMap(FixedDecimal.init(plain:)).flatMap(Milliseconds.init(seconds:)), main: nil,
      trouble: object.text("trouble"))
    guard let main = object.text("main"),
      let field = object.elements("fields")?.lazy.compactMap(JSONObject.init).first(where: { $0.text("name") == main }),
      let text = field.text("value")
    else { return }
    self.main = BridgeSnapshot.Value(name: main, text: text, unit: field.text("unit") ?? "")
  }
}

extension Milliseconds {
  /// Nil if it does not fit.
  fileprivate init?(seconds: FixedDecimal) {
    guard let shortest = seconds.rounded(to: FixedDecimal(1, exponent: -3)),
      let count = shortest.scaled(by: 3).wholeNumber
    else { return nil }
    self.init(count)
  }
}

extension FixedDecimal {
  /// Nil for a number with decimals, and for one that does not fit.
  fileprivate var wholeNumber: Int64? { Int64(description) }
}

/// The members of a JSON object that a command needs, by name.
private struct JSONObject {
  private let members: [String: [UInt8]]

  init?(_ text: [UInt8]) {
    guard let members = JSONMembers.split(text) else { return nil }
    self.members = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// A text, or a number or word as it stands; nil for `null`.
  func text(_ name: String) -> String? {
    guard let value = members[name], value != Array("null".utf8) else { return nil }
    guard value.first == UInt8(ascii: "\"") else { return String(decoding: value, as: UTF8.self) }
    guard case .scalar(let text, _, _) = try? yamlEvents(value).first else { return nil }
    return onOneLine(text.unicodeScalars)
  }

  func object(_ name: String) -> JSONObject? { members[name].flatMap(JSONObject.init) }

  func elements(_ name: String) -> [[UInt8]]? { members[name].flatMap(JSONMembers.elements) }
}
