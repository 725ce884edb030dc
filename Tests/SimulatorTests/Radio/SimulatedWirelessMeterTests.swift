import Decoders
import Testing

@testable import Base
@testable import Meters
@testable import Simulator

@Suite struct SimulatedWirelessMeterTests {
  /// Decodes telegrams of a meter with its own key, or with none.
  private static func decoded(
    _ meter: SimulatedWirelessMeter, _ frames: [[UInt8]], withKey: Bool = true
  ) -> [Result<Telegram, DecodeError>] {
    var settings = MeterSettings(id: "x", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
    settings.key = withKey ? meter.key : nil
    var decoder = settings.meterProtocol.decoder(settings)
    return frames.flatMap { frame -> [Result<Telegram, DecodeError>] in
      var telegrams: [Telegram] = []
      do throws(DecodeError) {
        try decoder.decode(frame.span, into: &telegrams)
        return telegrams.map { .success($0) }
      } catch { return [.failure(error)] }
    }
  }

  private static func meter(_ model: SimulatedWirelessMeter.Model, ordinal: Int = 0) -> SimulatedWirelessMeter {
    SimulatedWirelessMeter(model, ordinal: ordinal, cipher: WirelessCipher(nil), seed: 3)
  }

  @Test("every telegram of a week decodes with the key of the meter", arguments: SimulatedWirelessMeter.Model.allCases)
  func week(model: SimulatedWirelessMeter.Model) throws {
    var meter = Self.meter(model)
    let frames = (0..<200).map { meter.telegram(at: simulatedNoon.later(Int64($0) * 3024)) }
    #expect(Set(frames).count == frames.count)
    let telegrams = try Self.decoded(meter, frames).map { try $0.get() }
    #expect(telegrams.count == frames.count)
    #expect(telegrams.allSatisfy { $0.issues.isEmpty && $0.readings.count == 1 })
    #expect(Set(telegrams.map { $0.readings[0].meterNumber }) == [meter.identity.serial])
    let security = telegrams.compactMap { ($0.content as? WirelessMBusContent)?.security }
    let expected: WirelessSecurity? =
      switch model {
      case .water: .chainedWithVector
      case .compactWater: .counter
      case .heat: .chainedWithDerivedKey
      case .gas: nil
      }
    #expect(Set(security) == Set(expected.map { [$0] } ?? []))
    if model == .heat { #expect(telegrams.allSatisfy { $0.protection == .authenticated }) }
    // Registers only grow.
    let name: FieldName = model == .heat ? .energy : .volume
    let totals = telegrams.compactMap { telegram -> Double? in
      let field = telegram.readings[0].fields.first(where: { $0.key.name == name && $0.key.storage == 0 })
      if case .number(let number)? = field?.value { return Double(number.description) }
      return nil
    }
    #expect(totals.count == frames.count && zip(totals, totals.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(totals.first.map { $0 < totals[totals.count - 1] } == true)
  }

  @Test("compact frames come between full ones, and have the same values")
  func compact() throws {
    var meter = Self.meter(.compactWater)
    let frames = (0..<17).map { meter.telegram(at: simulatedNoon.later(Int64($0) * 16)) }
    let chains = try Self.decoded(meter, frames).map { (try $0.get().content as? WirelessMBusContent)?.chainText }
    #expect(chains.indices.filter { chains[$0] == "8D/78" } == [0, 8, 16])
    #expect(chains.count { $0 == "8D/79" } == 14)
  }

  @Test("without its key a telegram stays closed; each meter has its own")
  func keys() {
    for model in SimulatedWirelessMeter.Model.allCases where model != .gas {
      var (meter, other) = (Self.meter(model), Self.meter(model, ordinal: 1))
      #expect(meter.key != other.key)
      let frame = meter.telegram(at: simulatedNoon)
      #expect(Self.decoded(meter, [frame], withKey: false).map { $0.code } == [.noKey])
      #expect(Self.decoded(other, [frame]).map { $0.code } == [.wrongKey])
      #expect(other.telegram(at: simulatedNoon) != frame)
    }
  }
}

extension Result<Telegram, DecodeError> {
  fileprivate var code: DecodeError.Code? { if case .failure(let error) = self { error.code } else { nil } }
}
