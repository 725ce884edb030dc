#if DEBUG
  package import Decoders

  @testable package import Base
  @testable package import Meters

  /// A guard with a clock of its own, and readings made of texts.
  package struct GuardHarness {
    package var guardian: TotalsGuard
    package var bounds = GuardedTotal.Bounds(limit: .usual)
    package var sums: [FieldName] = []
    package var serial: String? = "1"
    package var rank: UInt8 = 0
    package var protection = Telegram.Protection.checkValue
    package var now = Instant(milliseconds: 1_000_000)
    package var wall = WallTime(milliseconds: 1_795_172_401_250)

    package init(_ memory: DeviceTotals = DeviceTotals()) { guardian = TotalsGuard(memory) }

    /// Sends a reading a second later; returns its values, and what was told.
    package mutating func send(
      _ values: [(FieldKey, String)], unit: Unit = .kilowattHour, after time: Milliseconds = .seconds(1)
    ) -> (values: [String], outcome: TotalsGuard.Outcome) {
      now = now + time
      wall.milliseconds += time.count
      var reading = Reading(meter: MeterIdentity(medium: .electricity))
      if let serial { reading.meter.number = .text(reading.keep(serial.utf8)) }
      reading.meter.numberRank = rank
      reading.fields = values.map {
        Field($0.0, FixedDecimal(plain: $0.1).map { .number($0) } ?? .absent(.noData), unit)
      }
      var bounds = bounds
      bounds.isTelegramEmpty = TotalsGuard.isEmpty([reading])
      bounds.isChecked = protection != .none
      let standing = guardian.hear(reading, protection, at: now)
      let outcome = guardian.check(
        &reading, .init(now: .init(wall: wall, instant: now), bounds: bounds, sums: sums), as: standing)
      // The pipeline drops such a reading.
      if outcome.stranger != nil { return ([], outcome) }
      return (reading.fields.map { "\(reading.topicLevel($0)) \(text($0.value))" }, outcome)
    }

    private func text(_ value: Field.Value) -> String {
      if case .number(let number) = value { number.description } else { "" }
    }

    /// Sends one value after the other; what of them comes out, `-` for what is held back.
    package mutating func pass(_ texts: String..., after time: Milliseconds = .seconds(1)) -> [String] {
      texts.map { text in
        let values = send([(FieldKey(.energyImport), text), (FieldKey(.onTime), "1")], after: time).values
        return values.first { $0.hasPrefix("energy_import ") }.map { String($0.dropFirst(14)) } ?? "-"
      }
    }
  }
#endif
