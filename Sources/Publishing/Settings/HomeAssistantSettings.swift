package import Base

/// The section `home_assistant` of the configuration.
package struct HomeAssistantSettings: Equatable, Sendable {
  /// A version of Home Assistant, without the patch number.
  package struct Version: Comparable, Sendable {
    package var year: Int
    package var month: Int

    package init(year: Int, month: Int) {
      self.year = year
      self.month = month
    }

    package static func < (left: Version, right: Version) -> Bool {
      (left.year, left.month) < (right.year, right.month)
    }
  }

  /// The forms of the discovery documents; empty without discovery.
  package var discovery: DiscoveryForms = .device
  package var prefix = "homeassistant"
  package var birthTopic = "homeassistant/status"
  package var nodeID = "meterbridge"
  /// The QoS with which Home Assistant subscribes to the entities: 0 or 1.
  package var qos = 0
  /// The oldest version that must accept the discovery documents; nil for the newest.
  package var compatibility: Version?

  /// What is done with the hours of outages in its statistics.
  package enum Repair: String, Sendable, CaseIterable { case off, dryRun = "dry_run", on }

  package var repair = Repair.off
  /// Where its WebSocket API is.
  package var url: String?
  /// The long-lived token of an administrator.
  package var token: Secret?
  /// The authority that signed its certificate; nil for those of the system.
  package var authorityFile: String?

  package init(discovery: DiscoveryForms = .device) { self.discovery = discovery }
}
