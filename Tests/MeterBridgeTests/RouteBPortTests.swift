import Decoders
import Testing

@testable import MeterBridge

@Test func aMeterOnTheBRouteStandsOnItsTopics() throws {
  let rig = try RouteBPortRig()
  #expect(rig.run(atMost: .minutes(2)) { $0.values["energy_import"] != nil })
  #expect(rig.values["power"] == "500")
  #expect(rig.values["current_r"] == "5.0")
  #expect(rig.values["current_t"] == nil)
  #expect(rig.values["energy_import"] == "1234.5")
  #expect(rig.values["energy_export"] == "0.7")
  #expect(rig.values["status"] == "ok")
  #expect(rig.values["signal_strength"] == "-51.47")
  #expect(rig.values["rate_limited"] == "OFF")
  #expect(rig.availability == [true])
  let device = rig.publications.last?.device
  #expect(device?.serial == "TESTMETER001" && device?.model == "Smart meter, release F")
  // What only helps to understand is no reading.
  #expect(rig.readings.allSatisfy { $0.contains(#""name":"power""#) })
  #expect(rig.readings.first?.contains(#"{"name":"signal_strength","value":-51.47,"unit":"dBm"}"#) == true)
  #expect(rig.letters.isEmpty)
  #expect(rig.networks.map { $0?.network } == [rig.line.simulation.network])
}

@Test func aWarmStartDoesNotScanAndAnotherIDsNetworkIsLeftAlone() throws {
  let fingerprint = try #require(RouteBLine.credentials.fingerprint)
  let network = RouteBSimulation().network
  let warm = try RouteBPortRig(network: KnownNetwork(network: network, fingerprint: fingerprint))
  #expect(warm.run(atMost: .seconds(30)) { $0.values["power"] != nil })
  #expect(warm.line.count("SKSCAN") == 0 && warm.line.count("WOPT") == 0)

  let wrong = SKSTACKNetwork(channel: 0x22, pan: 1, address: 2)
  let cold = try RouteBPortRig(network: KnownNetwork(network: wrong, fingerprint: "of another id"))
  #expect(cold.run(atMost: .minutes(2)) { $0.values["power"] != nil })
  #expect(cold.line.count("SKJOIN") == 1)
}

@Test func aWeakSignalIsSaidOnceForEachSide() throws {
  let rig = try RouteBPortRig()
  rig.line.simulation.settings.linkQuality = 0x30
  #expect(rig.run(atMost: .minutes(2)) { $0.values["power"] != nil })
  for quality in [0x3A, 0x3B, 0x30, 0x3C] as [UInt8] {
    rig.line.simulation.settings.linkQuality = quality
    rig.run(.minutes(1))
  }
  func said(_ part: String) -> Int { rig.logs.count { $0.text.contains(part) } }
  #expect(said("weak signal") == 1 && said("extension cable") == 1)
  #expect(rig.counters.isWeak && rig.counters.errors["weak_signal"] == 1)
  rig.line.simulation.settings.linkQuality = 0xC0
  rig.run(.minutes(1))
  #expect(said("good again") == 1 && !rig.counters.isWeak)
}

@Test func theLimitOfAirTimeIsPublishedAndBringsNobodyOnline() throws {
  let rig = try RouteBPortRig()
  #expect(rig.run(atMost: .minutes(2)) { $0.values["rate_limited"] == "OFF" })
  rig.line.order("airtime-limit")
  #expect(rig.run(atMost: .seconds(5)) { $0.values["rate_limited"] == "ON" })
  #expect(rig.publications.last?.isFromTelegram == false)
  #expect(rig.publications.last?.device.serial == "TESTMETER001")
  rig.run(.minutes(10))
  #expect(rig.availability == [true, false])
  rig.line.order("airtime-limit off")
  #expect(rig.run(atMost: .minutes(1)) { $0.availability == [true, false, true] })
  #expect(rig.values["rate_limited"] == "OFF")
}

@Test func aLostSessionIsSaidAndCountedAndEnds() throws {
  let rig = try RouteBPortRig()
  #expect(rig.run(atMost: .minutes(2)) { $0.values["power"] != nil })
  rig.line.order("out-of-reach")
  rig.run(.minutes(30))
  #expect(rig.availability == [true, false])
  #expect(rig.counters.trouble != nil)
  #expect(rig.counters.errors.keys.contains("sending_failed") && rig.counters.errors.keys.contains("no_beacon"))
  // Each kind once in the hour.
  #expect(rig.logs.count { $0.text.contains("no meter with this route-B id") } == 1)
  rig.line.order("out-of-reach off")
  #expect(rig.run(atMost: .minutes(20)) { $0.availability == [true, false, true] })
  #expect(rig.counters.trouble == nil)
  #expect(rig.logs.last?.text == "broute: is read again")
}

@Test func goodbyeIsSaidToTheMeter() throws {
  let rig = try RouteBPortRig()
  #expect(rig.run(atMost: .minutes(2)) { $0.values["power"] != nil })
  rig.leave()
  #expect(rig.availability == [true, false])
  #expect(rig.run(atMost: .seconds(1)) { $0.hasLeft })
  #expect(rig.line.count("SKTERM") == 1)
  let unjoined = try RouteBPortRig()
  unjoined.run(.seconds(2))
  unjoined.leave()
  #expect(unjoined.hasLeft && unjoined.line.count("SKTERM") == 0)
}

@Test func goodbyeIsSaidBetweenTwoTriesToo() throws {
  let rig = try RouteBPortRig()
  #expect(rig.run(atMost: .minutes(2)) { $0.values["power"] != nil })
  rig.line.order("sending-failed 5")
  #expect(rig.run(atMost: .minutes(3)) { $0.counters.errors["sending_failed"] == 1 })
  rig.leave()
  #expect(rig.run(atMost: .seconds(1)) { $0.hasLeft })
  #expect(rig.line.count("SKTERM") == 1)
}

@Test func scheduledEnergiesCarryTheirTime() throws {
  let rig = try RouteBPortRig()
  #expect(rig.run(atMost: .minutes(2)) { $0.values["energy_import"] != nil })
  rig.line.announce(.confirmedNotification, transaction: 7)
  #expect(rig.run(atMost: .seconds(5)) { $0.values["energy_import_scheduled"] == "1234.5" })
  #expect(rig.readings.last?.contains(#""time":"2025-03-31T09:30:00+09:00""#) == true)
  #expect(rig.values["meter_time"] == "2025-03-31T09:30:00+09:00")
}

@Test func anExchangedMeterIsAnotherDeviceWithItsOwnUnit() throws {
  let rig = try RouteBPortRig()
  rig.line.simulation.meter.properties[0xD3] = [0, 0, 0, 30]
  #expect(rig.run(atMost: .minutes(2)) { $0.values["energy_import"] == "37035.0" })
  // The new meter has no coefficient, and its map says so only later.
  rig.line.simulation.meter.properties[0xD3] = []
  rig.line.simulation.meter.properties[0x8D] = Array("TESTMETER002".utf8)
  rig.line.simulation.meter.properties[0xE0] = [0, 0, 0, 5]
  rig.line.order("hang-up")
  rig.run(.minutes(3))
  #expect(
    Set(rig.publications.compactMap { $0.fields.first { $0.field.level == "energy_import" }?.payload }) == [
      "37035.0", "0.5",
    ])
  #expect(rig.publications.last?.device.serial == "TESTMETER002")
}

@Test func secretsAreNowhere() throws {
  let rig = try RouteBPortRig()
  let id = RouteBLine.credentials.identifier.reveal
  let password = RouteBLine.credentials.password.reveal
  #expect(rig.run(atMost: .minutes(2)) { $0.line.count("SKSETPWD") > 0 })
  // An echo damaged so often that nothing of it could be known again.
  rig.line.write("SxSETPWD C \(password.prefix(4))?\(password.dropFirst(5).prefix(4))?\(password.suffix(2))")
  #expect(rig.run(atMost: .minutes(2)) { $0.values["power"] != nil })
  rig.line.write("KSETRBID \(id)")
  rig.line.write("RXUDP 02CC \(Hexadecimal.text("SM\(id)".utf8))")
  rig.run(.minutes(2))
  #expect(rig.letters.count >= 3)
  #expect(!rig.told.tells(id) && !rig.told.tells(password))
  for part in [password.prefix(4), password.dropFirst(5).prefix(4)] { #expect(!rig.told.contains(part)) }
}

@Test func aDongleThatIsPulledOutTakesItsMeterOfflineAtOnce() throws {
  let rig = try RouteBPortRig()
  #expect(rig.run(atMost: .minutes(2)) { $0.values["power"] != nil })
  rig.unplug()
  #expect(rig.availability == [true, false])
  #expect(rig.hasLeft)
}
