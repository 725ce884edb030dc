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
    /// Of a receiver of wireless M-Bus.
    package var radio = RadioSettings()
    /// Its place among the meters of a farm; nil for a meter alone.
    package var farm: Farm?

    package init(kind: SimulatedKind, place: SimulatorPlace, bRoute: DongleSettings = DongleSettings()) {
      self.kind = kind
      self.place = place
      self.bRoute = bRoute
    }
  }

  /// Equal meters of one word, `KIND*COUNT=PLACE`. Their phases are spread, and each comes through a gateway that fills
  /// packets.
  package struct Farm: Equatable, Sendable {
    package var number: Int
    package var count: Int

    package init(number: Int, count: Int) {
      self.number = number
      self.count = count
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
