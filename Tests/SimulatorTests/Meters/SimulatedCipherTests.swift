import Testing

@testable import Base
@testable import Decoders
@testable import Meters
@testable import Simulator

/// A meter whose telegrams are enciphered, and a stranger on its line.
private enum Meter: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case dlms, luxembourg, poland

  var testDescription: String { rawValue }

  /// The bytes of a telegram.
  ///
  /// - Parameters:
  ///   - cipher: nil for a telegram in plain.
  ///   - minute: after noon.
  /// - Returns: one telegram as on the line.
  func telegram(_ cipher: SimulatedCipher?, minute: Int64) -> [UInt8] {
    let time = simulatedNoon.later(minute * 60)
    if self == .dlms {
      var meter = SimulatedDLMSMeter(.mbus, key: nil, seed: 1)
      meter.cipher = cipher
      return meter.telegram(at: time)
    }
    return SimulatedP1Meter.once(self == .poland ? .poland : .luxembourg, cipher, at: time)
  }

  /// The same text as application data, without link frames and identification.
  func text(minute: Int64) throws -> [UInt8] {
    let bytes = telegram(nil, minute: minute)
    return self == .dlms ? try DLMSPayload.gather(bytes.span) : bytes
  }

  func cipher(hasTag: Bool = true, counter: UInt32 = 1000) throws -> SimulatedCipher {
    let title = Array("KFM".utf8) + [0x65, 0x50, 0x12, 0x34, 0x56]
    return SimulatedCipher(
      try #require(SimulatedCipher.usualKey),
      authenticationKey: hasTag ? SimulatedCipher.usualAuthenticationKey : nil,
      title: self == .poland ? nil : title, counter: counter)
  }

  /// A text in plain in an envelope with a tag of zeros, and the highest counter.
  func forged(minute: Int64) throws -> [UInt8] {
    let content = [0x10, 0xFF, 0xFF, 0xFF, 0xFF] + (try text(minute: minute)) + [UInt8](repeating: 0, count: 12)
    let head: [UInt8] = self == .poland ? [0] : [0xDB, 8] + Array("KFM".utf8) + [0x65, 0x50, 0x12, 0x34, 0x56]
    let identification = Array("/\(SimulatedP1Meter.polishIdentification)\r\n\r\n".utf8)
    return (self == .poland ? identification : []) + head + [
      0x82, UInt8(content.count >> 8), UInt8(content.count & 255),
    ]
      + content
  }

  func settings(_ change: (inout MeterSettings) -> Void = { _ in }) -> MeterSettings {
    var settings = MeterSettings(
      id: "netz", meterProtocol: self == .dlms ? .dlms : .p1, source: .standardInput, sourceText: "-")
    settings.key = SimulatedCipher.usualKey
    settings.authenticationKey = SimulatedCipher.usualAuthenticationKey
    change(&settings)
    return settings
  }
}

extension SimulatedP1Meter {
  fileprivate static func once(_ dialect: Dialect, _ cipher: SimulatedCipher?, at time: WallTime) -> [UInt8] {
    var meter = SimulatedP1Meter(dialect, cipher: cipher, seed: 1)
    return meter.telegram(at: time)
  }
}

extension MeterSettings {
  /// Without `auth_key`.
  fileprivate static func keyAlone(_ settings: inout MeterSettings) { settings.authenticationKey = nil }
}

/// The way of the bytes of a meter, a minute for each telegram.
private final class Line {
  private var pipeline: MeterPipeline
  private let settings: MeterSettings
  private var now = Instant(milliseconds: 1_000_000)
  private(set) var notices: [String] = []
  /// Those of the last reading.
  private(set) var fields: [String] = []

  init(_ settings: MeterSettings, _ counters: [FrameCounter] = []) {
    self.settings = settings
    pipeline = MeterPipeline(settings, zone: .utc, devices: [], frameCounters: counters)
  }

  var counters: [FrameCounter] { pipeline.frameCounters }

  func accept() -> Bool { pipeline.accept("netz", wall: simulatedNoon)?.isEmpty == false }

  /// What becomes of some bytes: `read`, or the codes of the dead letters.
  func send(_ bytes: [UInt8], after time: Milliseconds = .minutes(1)) -> String {
    now = now + time
    var framer = settings.meterProtocol.framer(settings)
    framer.append(bytes.span)
    framer.finish()
    var told: [String] = []
    while let framed = framer.next() {
      switch framed {
      case .frame(let frame):
        for output in pipeline.received([frame], now: now, wall: simulatedNoon) {
          switch output {
          case .publication(let publication):
            told.append("read")
            fields = publication.fields.map { "\($0.field.level) \($0.payload)" }
          case .deadLetter(let letter): told.append(letter.code)
          case .log(_, let text): notices.append(text)
          default: break
          }
        }
      case .rejected(_, let error): told.append(error.code.name)
      }
    }
    return told.joined(separator: " ")
  }
}

@Suite struct SimulatedCipherTests {
  @Test("with a key, telegrams in plain are not believed and move no counter", arguments: Meter.allCases)
  fileprivate func plain(meter: Meter) throws {
    for keyAlone in [false, true] {
      let line = Line(meter.settings { if keyAlone { MeterSettings.keyAlone(&$0) } })
      var cipher = try meter.cipher()
      _ = cipher.envelope([])
      #expect(line.send(meter.telegram(cipher, minute: 0)) == "read")
      #expect(line.send(meter.telegram(nil, minute: 1)) == "not_encrypted")
      #expect(line.send(try meter.forged(minute: 2)) == "not_encrypted")
      #expect(line.counters.map(\.value) == [1001])
      _ = cipher.envelope([])
      #expect(line.send(meter.telegram(cipher, minute: 3)) == "read")
    }
  }

  @Test("a meter that mixes is read, and its plain telegrams move no counter", arguments: Meter.allCases)
  fileprivate func mixed(meter: Meter) throws {
    let line = Line(meter.settings { $0.allowsPlain = true })
    #expect(line.send(meter.telegram(try meter.cipher(), minute: 0)) == "read")
    #expect(line.send(meter.telegram(nil, minute: 1)) == "read")
    #expect(line.send(try meter.forged(minute: 2)) == "wrong_auth_key")
    #expect(line.send(meter.telegram(try meter.cipher(hasTag: false, counter: 1001), minute: 3)) == "not_authenticated")
    let keyAlone = Line(
      meter.settings {
        $0.allowsPlain = true
        MeterSettings.keyAlone(&$0)
      })
    #expect(keyAlone.send(try meter.forged(minute: 0)) == "read")
    #expect(keyAlone.counters == [])
  }

  @Test("with an authentication key no flipped bit gets through", arguments: Meter.allCases)
  fileprivate func flips(meter: Meter) throws {
    for hasTag in [true, false] {
      let good = meter.telegram(try meter.cipher(hasTag: hasTag), minute: 0)
      // As if the stranger had mended the checksums of the link.
      let settings = meter.settings { $0.ignoresChecksums = true }
      let genuine = Line(settings)
      _ = genuine.send(good)
      for place in good.indices {
        for bit in [0x01, 0x10, 0x80] as [UInt8] {
          var flipped = good
          flipped[place] ^= bit
          let line = Line(settings)
          // Bits outside the cipher change nothing.
          if line.send(flipped).contains("read"), !hasTag || line.fields != genuine.fields {
            Issue.record("byte \(place)")
          }
        }
      }
    }
  }

  @Test("a forged counter does not shut the meter out", arguments: Meter.allCases)
  fileprivate func forgedCounter(meter: Meter) throws {
    for keyAlone in [false, true] {
      let line = Line(meter.settings { if keyAlone { MeterSettings.keyAlone(&$0) } })
      let good = meter.telegram(try meter.cipher(), minute: 0)
      #expect(line.send(good) == "read")
      // The counter of a genuine telegram becomes FFFFFFFF.
      var forged = good
      let counter: [UInt8] = [0x00, 0x00, 0x03, 0xE8]
      let place = try #require(forged.indices.first { forged[$0...].starts(with: counter) })
      forged.replaceSubrange(place..<place + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
      if meter == .dlms { forged = try DLMSPayload.gather(forged.span) }
      let outcome = line.send(forged)
      #expect(outcome == "undecipherable")
      #expect(line.send(meter.telegram(try meter.cipher(counter: 1001), minute: 1)) == "read")
    }
  }

  @Test("a row of recorded telegrams never gets through", arguments: Meter.allCases)
  fileprivate func recordedRow(meter: Meter) throws {
    let line = Line(meter.settings())
    let row = try (0..<36).map { minute in
      meter.telegram(try meter.cipher(counter: 1000 + UInt32(minute)), minute: Int64(minute))
    }
    for telegram in row { #expect(line.send(telegram) == "read") }
    let restarted = Line(meter.settings(), line.counters)
    for telegram in row + row {
      #expect(line.send(telegram) == "replayed")
      #expect(restarted.send(telegram, after: .minutes(10)) == "replayed")
    }
    #expect(line.send(meter.telegram(try meter.cipher(counter: 1036), minute: 36)) == "read")
    // The meter is reset: what was recorded before stays refused.
    for counter in 0..<10 {
      #expect(
        line.send(meter.telegram(try meter.cipher(counter: UInt32(counter)), minute: 40 + Int64(counter))) == "read")
      for telegram in row { #expect(line.send(telegram) == "replayed") }
    }
    #expect(line.notices.count == 1)
  }

  @Test("a counter that stays is told apart by the time, and said once in a run")
  func standingCounter() throws {
    let line = Line(Meter.poland.settings())
    let row = try (0..<5).map { Meter.poland.telegram(try Meter.poland.cipher(counter: 0), minute: Int64($0)) }
    for telegram in row { #expect(line.send(telegram) == "read") }
    for telegram in row { #expect(line.send(telegram) == "replayed") }
    #expect(line.notices == ["netz: the frame counter stays at 0; its telegrams are told apart by their time"])
  }

  @Test("the user accepts a lower counter of a meter without a clock")
  func accept() throws {
    func telegram(_ counter: UInt32) throws -> [UInt8] {
      var text = P1Writer(identification: "XYZ5METER")
      text.line("1-0:1.7.0(00.472*kW)")
      var cipher = try Meter.luxembourg.cipher(counter: counter)
      let sealed = cipher.envelope(text.finished(hasChecksum: true))
      return try #require(sealed)
    }
    let line = Line(Meter.luxembourg.settings())
    #expect(line.send(try telegram(1000)) == "read")
    #expect(!line.accept())
    #expect(line.send(try telegram(5)) == "replayed")
    #expect(line.send(try telegram(6)) == "replayed")
    #expect(line.accept())
    #expect(line.send(try telegram(6)) == "replayed")
    #expect(line.send(try telegram(7)) == "read")
  }
}
