internal import Base
package import Meters

/// The button "Read now" of a polled meter. Home Assistant publishes on `<root>/<id>/read` when it is pressed.
extension Discovery {
  /// What the document of a device says of the button.
  package enum ReadButton: Hashable, Sendable {
    case none
    case shown
    /// The meter pushes now, so Home Assistant must forget it.
    case gone

    /// Only a meter itself is polled, not a sub-meter behind it.
    package init(of device: Device, isPolled: Bool) { self = isPolled && device.parent == nil ? .shown : .none }
  }

  static let buttonPlatform = "button"
  static let buttonKey = "read"

  /// The topic of the button's classic document.
  package func buttonTopic(device id: String) -> String {
    topic(platform: Self.buttonPlatform, device: id, key: Self.buttonKey)
  }

  /// The classic document of the button.
  package func buttonDocument(for device: Device) -> [UInt8] {
    var json = JSONText()
    json.object { document in
      document.object("device") { write(device, into: &$0) }
      document.origin()
      // A meter that is offline can be asked whether it is back.
      document.availability(["\(root)/bridge/state"], qos: qos)
      writeButton(of: device, into: &document)
    }
    return json.bytes
  }

  /// The component in the document of a device.
  func write(_ button: ReadButton, of device: Device, into components: inout JSONText) {
    guard button != .none else { return }
    components.object(Self.buttonKey) { component in
      component.member("p", Self.buttonPlatform)
      guard button == .shown else { return }
      writeButton(of: device, into: &component)
      component.array("availability") { $0.object { $0.member("topic", "\(root)/bridge/state") } }
    }
  }

  /// The members that both forms have.
  private func writeButton(of device: Device, into component: inout JSONText) {
    let entity = "\(device.id)_\(Self.buttonKey)"
    identify(&component, platform: Self.buttonPlatform, entity: entity, unique: entity)
    component.member("name", "Read now")
    component.member("command_topic", "\(root)/\(device.id)/\(Self.buttonKey)")
    component.member("entity_category", "diagnostic")
  }
}
