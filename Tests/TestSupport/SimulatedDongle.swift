#if DEBUG
  package import Decoders

  @testable package import Base
  @testable package import Meters
  @testable package import Simulator

  extension DongleSettings {
    /// A meter with constant, known registers and without announcements.
    package static var still: DongleSettings {
      var settings = DongleSettings()
      let (energyImport, energyExport): ([UInt8], [UInt8]) = ([0, 0, 0x30, 0x39], [0, 0, 0, 7])
      let halfPastNine: [UInt8] = [0x07, 0xE9, 3, 31, 9, 30, 0]
      settings.announcement = nil
      settings.properties = [
        0x8D: Array("TESTMETER001".utf8), 0xE0: energyImport, 0xE3: energyExport, 0xE7: [0, 0, 1, 0xF4],
        0xE8: [0, 50, 0x7F, 0xFE], 0xEA: halfPastNine + energyImport, 0xEB: halfPastNine + energyExport,
      ]
      return settings
    }
  }

  /// A simulated dongle with its meter, in virtual time.
  open class SimulatedDongle {
    /// 2026-03-14T09:20:00Z, twenty past six in the evening in Japan.
    package static let start = WallTime(milliseconds: 1_773_480_000_000)
    /// The credentials of the first simulated meter.
    package static let credentials = BRouteSimulation().credentials

    package var simulation: BRouteSimulation
    package let speed: Int64
    package private(set) var now = Instant(milliseconds: 0)
    private var waiting: [Transmission] = []
    /// The next output of these bytes is lost.
    package var lost: [UInt8]?

    package init(_ settings: DongleSettings = DongleSettings(), speed: Int = 1, seed: UInt64 = 1) {
      simulation = BRouteSimulation(settings, speed: speed, seed: seed)
      self.speed = Int64(speed)
    }

    package var moment: SimulatedMoment { Self.moment(now, speed: speed) }

    package static func moment(_ now: Instant, speed: Int64 = 1) -> SimulatedMoment {
      SimulatedMoment(now: now, world: WallTime(milliseconds: start.milliseconds + now.milliseconds * speed))
    }

    /// The time of the next output or event.
    package var next: Instant? { [simulation.wakes, waiting.first?.start].compactMap(\.self).min() }

    package func receive(_ bytes: [UInt8], now: Instant) {
      self.now = now
      if !intercepts(bytes) { simulate(bytes) }
    }

    /// Takes bytes in place of the simulation. False leaves them to it.
    open func intercepts(_ bytes: [UInt8]) -> Bool { false }

    package func simulate(_ bytes: [UInt8]) { _ = simulation.receive(bytes, at: moment) }

    /// The output until now, in pieces.
    package func take(now: Instant) -> [[UInt8]] {
      self.now = now
      for var transmission in simulation.due(at: moment) {
        if transmission.bytes == lost {
          lost = nil
          continue
        }
        if let last = waiting.last { transmission.start = max(transmission.start, last.start) }
        waiting.append(transmission)
      }
      let ready = waiting.prefix { $0.start <= now }.map(\.bytes)
      waiting.removeFirst(ready.count)
      return ready
    }

    /// Gives the simulator an order.
    package func order(_ words: String) {
      _ = simulation.obey(words.split(separator: " ").map(String.init), at: moment)
    }

    /// The dongle writes a line by itself.
    package func write(_ text: String, end: String = "\r\n") { simulation.say(text, end: end, at: moment) }

    /// The meter announces its scheduled energies, once.
    package func announce(_ service: ECHONETService, transaction: UInt16, after delay: Int64 = 10) {
      guard let frame = simulation.meter.announcement(service, transaction: transaction) else { return }
      simulation.datagram(frame, after: delay, at: moment)
    }

    /// How often the dongle has received a command.
    open func count(_ command: String) -> Int { simulation.counters[command] }

    // MARK: A conversation

    /// Sends a line and returns the output of some time.
    package func say(_ line: String, wait: Milliseconds = .seconds(1)) -> String {
      say(Array((line + "\r\n").utf8), wait: wait)
    }

    package func say(_ bytes: [UInt8], wait: Milliseconds = .seconds(1)) -> String {
      receive(bytes, now: now)
      return hear(wait)
    }

    /// The output of some time; line ends are shown as `|` (CRLF) and `/` (CR).
    package func hear(_ time: Milliseconds) -> String {
      let end = now + time
      var bytes: [UInt8] = []
      while let next, next <= end { bytes += take(now: max(now, next)).flatMap(\.self) }
      bytes += take(now: end).flatMap(\.self)
      let text = String(decoding: bytes, as: UTF8.self)
      return text.replacing("\r\n", with: "|").replacing("\r", with: "/")
    }

    /// Configures the dongle, with wrong values if given, joins, and returns the output.
    package func join(
      password: String? = nil, identifier: String? = nil, channel: UInt8? = nil, pan: UInt16? = nil,
      address: String? = nil, wait: Milliseconds = .seconds(60)
    ) -> String {
      let network = simulation.network
      _ = say("SKSREG SFE 0")
      _ = say("SKSETPWD C \(password ?? simulation.credentials.password.reveal)")
      _ = say("SKSETRBID \(identifier ?? simulation.credentials.identifier.reveal)")
      _ = say("SKSREG S2 \(BRouteSimulation.hexadecimal(channel ?? network.channel))")
      _ = say("SKSREG S3 \(BRouteSimulation.hexadecimal(pan ?? network.pan))")
      return say("SKJOIN \(address ?? simulation.meterAddress)", wait: wait)
    }

    /// The command that carries a frame to the meter.
    package func sending(_ frame: [UInt8]) -> [UInt8] {
      let side = simulation.settings.model.isSided ? "0 " : ""
      let count = BRouteSimulation.hexadecimal(UInt16(frame.count))
      return Array("SKSENDTO 1 \(simulation.meterAddress) 0E1A 1 \(side)\(count) ".utf8) + frame
    }

    package static func get(_ codes: UInt8...) -> [UInt8] {
      ECHONETFrame.toMeter(.get, transaction: 0x0D0A, properties: codes)
    }
  }
#endif
