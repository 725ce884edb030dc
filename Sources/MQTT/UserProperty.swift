internal import CMosquitto
internal import Glibc

/// A user property of a message (MQTT 5, 3.3.2.3.7).
package struct UserProperty: Equatable, Sendable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// Bytes in the packet.
  package var size: Int { 5 + name.utf8.count + value.utf8.count }

  /// Those that are looked at.
  private static let most = 16

  /// The value of the first property of this name; nil without one.
  static func value(of wanted: String, in properties: OpaquePointer?) -> String? {
    var entry = unsafe properties
    for index in 0..<most {
      var name: UnsafeMutablePointer<CChar>?
      var value: UnsafeMutablePointer<CChar>?
      unsafe entry = mosquitto_property_read_string_pair(
        entry, MQTT_PROP_USER_PROPERTY.code, &name, &value, index > 0)
      defer {
        unsafe free(name)
        unsafe free(value)
      }
      guard unsafe entry != nil, let name = unsafe name, let value = unsafe value else { return nil }
      if unsafe String(cString: name) == wanted { return unsafe String(cString: value) }
    }
    return nil
  }
}
