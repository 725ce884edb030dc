package import Meters

extension ConfiguredMeter {
  package init(_ settings: MeterSettings) {
    self.init(
      id: settings.id, protocolName: settings.meterProtocol.name, source: settings.sourceText,
      heartbeat: settings.heartbeat, minimumInterval: settings.minimumInterval, policies: settings.policies,
      address: settings.address, enabled: settings.enabled, publishesState: settings.publishesState,
      isPolled: settings.isPolled)
  }
}
