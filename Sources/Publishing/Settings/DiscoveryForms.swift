/// The forms in which entities are announced: a document for each device, a document for each entity, or both.
///
/// Home Assistant has read documents of devices since 2024.12. Domoticz, and openHAB before 2026, read only those of
/// entities. Unique ids are the same in both.
package struct DiscoveryForms: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `<prefix>/device/<node>_<id>/config`.
  package static let device = DiscoveryForms(rawValue: 1)
  /// `<prefix>/<component>/<node>_<id>/<field>/config`.
  package static let classic = DiscoveryForms(rawValue: 2)
  package static let both: DiscoveryForms = [.device, .classic]

  /// The words of the configuration and of the state file.
  package static let named: [(name: String, value: DiscoveryForms)] = [
    ("device", .device), ("classic", .classic), ("both", .both), ("false", []),
  ]

  /// The word for it.
  package var name: String { Self.named.first { $0.value == self }?.name ?? "" }
}
