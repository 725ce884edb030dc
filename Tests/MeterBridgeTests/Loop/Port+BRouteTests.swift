import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

@Suite struct PortBRouteTests {
  @Test("a meter on the B-route has its values on its topics") func topics() throws {
    let harness = try SerialDongleHarness()
    #expect(harness.run(atMost: .minutes(2)) { $0.values["energy_import"] != nil })
    #expect(harness.values["power"] == "500")
    #expect(harness.values["current_r"] == "5.0")
    #expect(harness.values["current_t"] == nil)
    #expect(harness.values["energy_import"] == "1234.5")
    #expect(harness.values["energy_export"] == "0.7")
    #expect(harness.values["status"] == "ok")
    #expect(harness.values["signal_strength"] == "-51.47")
    #expect(harness.values["rate_limited"] == "OFF")
    #expect(harness.availability == [true])
    let device = harness.publications.last?.device
    #expect(device?.serial == "TESTMETER001" && device?.model == "Smart meter, release F")
    // An answer with only map, unit or coefficient is not a reading.
    #expect(harness.readings.allSatisfy { $0.contains(#""name":"power""#) })
    #expect(harness.readings.first?.contains(#"{"name":"signal_strength","value":-51.47,"unit":"dBm"}"#) == true)
    #expect(harness.letters.isEmpty)
    #expect(harness.networks.map { $0?.network } == [harness.dongle.simulation.network])
  }

  @Test("a warm start does not scan, and ignores the network of another id") func warmStart() throws {
    let fingerprint = try #require(SimulatedDongle.credentials.fingerprint)
    let network = BRouteSimulation().network
    let warm = try SerialDongleHarness(network: KnownNetwork(network: network, fingerprint: fingerprint))
    #expect(warm.run(atMost: .seconds(30)) { $0.values["power"] != nil })
    #expect(warm.dongle.count("SKSCAN") == 0 && warm.dongle.count("WOPT") == 0)

    let wrong = SKSTACKNetwork(channel: 0x22, pan: 1, address: 2)
    let cold = try SerialDongleHarness(network: KnownNetwork(network: wrong, fingerprint: "of another id"))
    #expect(cold.run(atMost: .minutes(2)) { $0.values["power"] != nil })
    #expect(cold.dongle.count("SKJOIN") == 1)
  }

  @Test("a weak signal and its end are each logged once") func weakSignal() throws {
    let harness = try SerialDongleHarness()
    harness.dongle.simulation.settings.linkQuality = 0x30
    #expect(harness.run(atMost: .minutes(2)) { $0.values["power"] != nil })
    for quality in [0x3A, 0x3B, 0x30, 0x3C] as [UInt8] {
      harness.dongle.simulation.settings.linkQuality = quality
      harness.run(.minutes(1))
    }
    func said(_ part: String) -> Int { harness.logs.count { $0.text.contains(part) } }
    #expect(said("weak signal") == 1 && said("extension cable") == 1)
    #expect(harness.counters.isWeak && harness.counters.errors["weak_signal"] == 1)
    harness.dongle.simulation.settings.linkQuality = 0xC0
    harness.run(.minutes(1))
    #expect(said("good again") == 1 && !harness.counters.isWeak)
  }

  @Test("the air time limit is published and does not bring a meter online") func airTimeLimit() throws {
    let harness = try SerialDongleHarness()
    #expect(harness.run(atMost: .minutes(2)) { $0.values["rate_limited"] == "OFF" })
    harness.dongle.order("airtime-limit")
    #expect(harness.run(atMost: .seconds(5)) { $0.values["rate_limited"] == "ON" })
    #expect(harness.publications.last?.isFromTelegram == false)
    #expect(harness.publications.last?.device.serial == "TESTMETER001")
    harness.run(.minutes(10))
    #expect(harness.availability == [true, false])
    harness.dongle.order("airtime-limit off")
    #expect(harness.run(atMost: .minutes(1)) { $0.availability == [true, false, true] })
    #expect(harness.values["rate_limited"] == "OFF")
  }

  @Test("a lost session is logged and counted, and ends") func lostSession() throws {
    let harness = try SerialDongleHarness()
    #expect(harness.run(atMost: .minutes(2)) { $0.values["power"] != nil })
    harness.dongle.order("out-of-reach")
    harness.run(.minutes(30))
    #expect(harness.availability == [true, false])
    #expect(harness.counters.trouble != nil)
    #expect(
      harness.counters.errors.keys.contains("sending_failed") && harness.counters.errors.keys.contains("no_beacon"))
    // Each kind once in the hour.
    #expect(harness.logs.count { $0.text.contains("no meter with this route-B id") } == 1)
    harness.dongle.order("out-of-reach off")
    #expect(harness.run(atMost: .minutes(20)) { $0.availability == [true, false, true] })
    #expect(harness.counters.trouble == nil)
    #expect(harness.logs.last?.text.hasPrefix("broute: again after ") == true)
  }

  @Test("leaving ends the session with the meter") func leaving() throws {
    let harness = try SerialDongleHarness()
    #expect(harness.run(atMost: .minutes(2)) { $0.values["power"] != nil })
    harness.leave()
    #expect(harness.availability == [true, false])
    #expect(harness.run(atMost: .seconds(1)) { $0.hasLeft })
    #expect(harness.dongle.count("SKTERM") == 1)
    let unjoined = try SerialDongleHarness()
    unjoined.run(.seconds(2))
    unjoined.leave()
    #expect(unjoined.hasLeft && unjoined.dongle.count("SKTERM") == 0)
  }

  @Test("leaving between two tries ends the session too") func leavingBetweenTries() throws {
    let harness = try SerialDongleHarness()
    #expect(harness.run(atMost: .minutes(2)) { $0.values["power"] != nil })
    harness.dongle.order("sending-failed 5")
    #expect(harness.run(atMost: .minutes(3)) { $0.counters.errors["sending_failed"] == 1 })
    harness.leave()
    #expect(harness.run(atMost: .seconds(1)) { $0.hasLeft })
    #expect(harness.dongle.count("SKTERM") == 1)
  }

  @Test("scheduled energies carry their time") func scheduledEnergies() throws {
    let harness = try SerialDongleHarness()
    #expect(harness.run(atMost: .minutes(2)) { $0.values["energy_import"] != nil })
    harness.dongle.announce(.confirmedNotification, transaction: 7)
    #expect(harness.run(atMost: .seconds(5)) { $0.values["energy_import_scheduled"] == "1234.5" })
    #expect(harness.readings.last?.contains(#""time":"2025-03-31T09:30:00+09:00""#) == true)
    #expect(harness.values["meter_time"] == "2025-03-31T09:30:00+09:00")
  }

  @Test("an exchanged meter is another device with its own unit") func exchangedMeter() throws {
    let harness = try SerialDongleHarness()
    harness.dongle.simulation.meter.properties[0xD3] = [0, 0, 0, 30]
    #expect(harness.run(atMost: .minutes(2)) { $0.values["energy_import"] == "37035.0" })
    // The new meter has no coefficient, and its map says so only later.
    harness.dongle.simulation.meter.properties[0xD3] = []
    harness.dongle.simulation.meter.properties[0x8D] = Array("TESTMETER002".utf8)
    harness.dongle.simulation.meter.properties[0xE0] = [0, 0, 0, 5]
    harness.dongle.order("hang-up")
    harness.run(.minutes(3))
    #expect(
      Set(harness.publications.compactMap { $0.fields.first { $0.field.level == "energy_import" }?.payload }) == [
        "37035.0", "0.5",
      ])
    #expect(harness.publications.last?.device.serial == "TESTMETER002")
  }

  @Test("secrets are in no log, topic, dead letter or file") func secrets() throws {
    let harness = try SerialDongleHarness()
    let id = SimulatedDongle.credentials.identifier.reveal
    let password = SimulatedDongle.credentials.password.reveal
    #expect(harness.run(atMost: .minutes(2)) { $0.dongle.count("SKSETPWD") > 0 })
    // An echo damaged so often that nothing of it could be known again.
    harness.dongle.write("SxSETPWD C \(password.prefix(4))?\(password.dropFirst(5).prefix(4))?\(password.suffix(2))")
    #expect(harness.run(atMost: .minutes(2)) { $0.values["power"] != nil })
    harness.dongle.write("KSETRBID \(id)")
    harness.dongle.write("RXUDP 02CC \(Hexadecimal.text("SM\(id)".utf8))")
    harness.run(.minutes(2))
    #expect(harness.letters.count >= 3)
    #expect(!harness.told.tells(id) && !harness.told.tells(password))
    for part in [password.prefix(4), password.dropFirst(5).prefix(4)] { #expect(!harness.told.contains(part)) }
  }

  @Test("an unplugged dongle takes its meter offline at once") func unplugged() throws {
    let harness = try SerialDongleHarness()
    #expect(harness.run(atMost: .minutes(2)) { $0.values["power"] != nil })
    harness.unplug()
    #expect(harness.availability == [true, false])
    #expect(harness.hasLeft)
  }
}
