/// The simulated meters, and how fast their time runs.
package struct SimulatorOptions: Equatable, Sendable {
  /// One meter: `KIND=PLACE`, perhaps with settings.
  package struct Meter: Equatable, Sendable {
    package var kind: SimulatedKind
    package var place: SimulatorPlace
    /// Of a B-route meter.
    package var bRoute = DongleSettings()
    /// Of an M-Bus meter.
    package var slave = SlaveSettings()
    /// Of an M-Bus of many meters.
    package var bus = BusSettings()

    package init(kind: SimulatedKind, place: SimulatorPlace, bRoute: DongleSettings = DongleSettings()) {
      self.kind = kind
      self.place = place
      self.bRoute = bRoute
    }
  }

  package var meters: [Meter]
  /// Simulated seconds a second; 0 lets the registers stand.
  package var speed = 1
  package var seed: UInt64 = 1

  package init(meters: [Meter], speed: Int = 1, seed: UInt64 = 1) {
    self.meters = meters
    self.speed = speed
    self.seed = seed
  }
}
