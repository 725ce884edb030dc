internal import Base
internal import Decoders
internal import Meters

/// The radio of the simulated dongle and the meter: scans, sessions, datagrams.
extension BRouteSimulation {
  /// The meter can hear the module.
  var isReached: Bool {
    module.channel == network.channel && module.pan == network.pan
      && lasting.isDisjoint(with: [.outOfReach, .airtimeLimit, .noPower])
  }

  /// Data gets through to the meter and back.
  private var carriesData: Bool {
    guard let session = module.session, !session.isHeld else { return false }
    return isReached && session.channel == network.channel && session.pan == network.pan
  }

  // MARK: Scans

  mutating func startScan(duration: Int, mask: UInt32, at moment: SimulatedMoment) {
    module.isBusy = true
    module.scan = (duration, mask)
    // The time on each of 28 channels.
    let listening = 96 * ((Int64(1) << Int64(duration)) + 1) / 10
    let place = Int64(network.channel) - 0x21
    schedule(.beacon, after: listening * (place + 1), moment)
    schedule(.scanned, after: listening * 28 + 20, moment)
  }

  mutating func beacon(at moment: SimulatedMoment) {
    let isListening = module.scan.mask >> (network.channel - 0x21) & 1 == 1
    let isQuiet = !lasting.isDisjoint(with: [.noBeacon, .outOfReach])
    guard isListening, !isQuiet, module.scan.duration >= settings.beacon else { return }
    event("20", at: moment)
    // A neighbour's meter has the better signal.
    describe(
      SKSTACKNetwork(channel: network.channel, pan: network.pan ^ 0x00FF, address: 0x0000_5EFF_FE00_9901),
      quality: 0xF0, pairing: "11223344", at: moment)
    describe(network, quality: settings.linkQuality, pairing: credentials.pairing, at: moment)
  }

  private mutating func describe(
    _ network: SKSTACKNetwork, quality: UInt8, pairing: String, at moment: SimulatedMoment
  ) {
    var lines = [
      "EPANDESC", "  Channel:\(Self.hexadecimal(network.channel))", "  Channel Page:09",
      "  Pan ID:\(Self.hexadecimal(network.pan))", "  Addr:\(Self.hexadecimal(network.address))",
      "  LQI:\(Self.hexadecimal(quality))",
    ]
    if settings.model.isSided { lines.append("  Side:0") }
    say((lines + ["  PairID:\(pairing)"]).joined(separator: "\r\n"), at: moment)
  }

  mutating func scanned(at moment: SimulatedMoment) {
    module.isBusy = false
    event("22", at: moment)
  }

  // MARK: Sessions

  mutating func startJoin(_ address: String, at moment: SimulatedMoment) {
    endSession()
    guard !lasting.contains(.joinSilent) else { return }
    module.isBusy = true
    module.joining = address
    // The module looks for the address first.
    event("21", of: address, "02", after: 300, at: moment)
    let isHeard = address == meterAddress && isReached
    if isHeard {
      event("02", of: address, after: 400, at: moment)
      authenticate(after: 800, at: moment)
    }
    schedule(.joinDecided(isHeard: isHeard), after: isHeard ? 4000 : 38_000, moment)
  }

  /// The modules authenticate each other. Their datagrams hold the route-B id as text.
  private mutating func authenticate(after delay: Int64, at moment: SimulatedMoment) {
    let head: [UInt8] = [0, 0, 0, 0x68, 0x80, 0, 0, 2, 0x5A, 1, 2, 3, 0x10, 0x20, 0x30, 0x40, 0, 2, 0, 0]
    for part in [Array("SM\(module.identifier ?? "")".utf8), [0, 7, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0]] {
      datagram(head + part, port: 0x02CC, isProtected: false, after: delay, at: moment)
      event("21", of: meterAddress, "00", after: delay + 200, at: moment)
    }
  }

  mutating func decideJoin(isHeard: Bool, at moment: SimulatedMoment) {
    guard let address = module.joining else { return }
    (module.isBusy, module.joining) = (false, nil)
    let isRight = module.password == credentials.password.reveal && module.identifier == credentials.identifier.reveal
    guard isHeard, isReached, isRight, !lasting.contains(.joinRefused) else {
      return event("24", of: address, at: moment)
    }
    module.session = BRouteModule.Session(channel: network.channel, pan: network.pan)
    counters.sessions += 1
    event("25", of: address, at: moment)
    datagram(SimulatedSmartMeter.instances(), isToAll: true, after: 300, at: moment)
    scheduleRenewal(at: moment)
  }

  private mutating func scheduleRenewal(at moment: SimulatedMoment) {
    // A module that does not renew the session loses it.
    let share: Int64 = module.renewsItself ? 8 : 10
    schedule(.renewal, after: settings.lifetime.count / 10 * share, moment)
  }

  /// Renews the session at 80 % of its lifetime. Every second time the module says that it has expired.
  mutating func renew(at moment: SimulatedMoment) {
    guard module.session != nil else { return }
    cancel { if case .renewal = $0 { true } else { false } }
    let fault = strike { $0 == .renewalFailed || $0 == .renewalSilent }
    let isRenewed = fault == nil && isReached && module.renewsItself && !lasting.contains(.joinRefused)
    if !isRenewed || counters.renewals % 2 == 0 {
      event("29", at: moment)
      module.session?.isHeld = true
    }
    if isRenewed {
      authenticate(after: 500, at: moment)
      schedule(.renewed, after: 3000, moment)
    } else {
      if fault != .renewalSilent, module.renewsItself { event("24", of: meterAddress, after: 38_000, at: moment) }
      module.session = nil
    }
  }

  mutating func renewed(at moment: SimulatedMoment) {
    guard module.session != nil else { return }
    module.session?.isHeld = false
    counters.renewals += 1
    event("25", of: meterAddress, at: moment)
    scheduleRenewal(at: moment)
  }

  mutating func hangUp(at moment: SimulatedMoment) {
    guard module.session != nil else { return }
    event("26", of: meterAddress, at: moment)
    schedule(.closed, after: 200, moment)
  }

  mutating func closed(at moment: SimulatedMoment) {
    guard module.session != nil else { return }
    endSession()
    event("27", of: meterAddress, at: moment)
  }

  /// Ends the session with its entries in the agenda.
  mutating func endSession() {
    module.session = nil
    cancel { happening in
      switch happening {
      case .renewal, .renewed, .closed, .joinDecided: true
      default: false
      }
    }
  }

  /// Ends everything that the radio has in progress.
  mutating func abandonRadio() {
    endSession()
    cancel { happening in
      switch happening {
      case .beacon, .scanned, .answer: true
      default: false
      }
    }
  }

  // MARK: Datagrams

  mutating func startSending(
    _ data: [UInt8], isToMeter: Bool, _ fault: BRouteFault?, at moment: SimulatedMoment
  ) {
    let isSent = carriesData && isToMeter && fault != .sendingFailed
    if fault == .neighbourSolicitation { event("21", of: meterAddress, "02", after: 100, at: moment) }
    event("21", of: meterAddress, isSent ? "00" : "01", after: 200, at: moment)
    if fault != .okLost { acknowledge(after: 210, at: moment) }
    guard isSent else {
      counters.unsent += 1
      return
    }
    if let frame = try? ECHONETFrame(data.span), frame.service == .confirmation {
      counters.confirmations += 1
      if frame.transaction == announced { isConfirmed = true }
    } else if fault != .answerDropped {
      schedule(.answer(to: data, fault), after: fault == .answerLate ? 14_000 : 1500, moment)
    }
  }

  mutating func answer(_ request: [UInt8], _ fault: BRouteFault?, at moment: SimulatedMoment) {
    let refusal: SimulatedSmartMeter.Refusal? =
      switch fault {
      case .refused: .everything
      case .partlyRefused: .first
      default: nil
      }
    guard carriesData, var data = meter.answer(request, refusing: refusal) else { return }
    counters.answers += 1
    switch fault {
    case .wrongTransaction: data[2] &+= 1
    case .truncated: data.removeLast()
    case .duplicated: datagram(data, after: 10, at: moment)
    case .spliced:
      say(half(data), at: moment)
      return startAnnouncement(.notification, after: 0, at: moment)
    case .lineCut: return say(half(data), at: moment)
    default: break
    }
    datagram(data, at: moment)
  }

  private func half(_ data: [UInt8]) -> [UInt8] {
    let bytes = datagramBytes(data, port: 0x0E1A, isProtected: true, isToAll: false)
    return Array(bytes.dropLast(writesBinary ? data.count / 2 : data.count))
  }

  private mutating func say(_ bytes: [UInt8], at moment: SimulatedMoment) {
    schedule(.output(bytes), after: 10, moment)
  }

  mutating func datagram(
    _ data: [UInt8], port: UInt16 = 0x0E1A, isProtected: Bool = true, isToAll: Bool = false, after delay: Int64 = 10,
    at moment: SimulatedMoment
  ) {
    let bytes = datagramBytes(data, port: port, isProtected: isProtected, isToAll: isToAll)
    schedule(.output(bytes + [0x0D, 0x0A]), after: delay, moment)
  }

  private var writesBinary: Bool { module.writesBinary && settings.model.hasDataForm }

  private func datagramBytes(_ data: [UInt8], port: UInt16, isProtected: Bool, isToAll: Bool) -> [UInt8] {
    let receiver = isToAll ? "FF02:0000:0000:0000:0000:0000:0000:0001" : ownAddress
    var fields = ["ERXUDP", meterAddress, receiver, Self.hexadecimal(port), Self.hexadecimal(port)]
    fields.append(Self.hexadecimal(network.address))
    if module.tellsQuality { fields.append(Self.hexadecimal(settings.linkQuality)) }
    fields.append(isProtected ? "1" : "0")
    if settings.model.isSided { fields.append("0") }
    fields.append(Self.hexadecimal(UInt16(clamping: data.count)))
    let written = writesBinary ? data : Array(Hexadecimal.text(data).utf8)
    return Array((fields.joined(separator: " ") + " ").utf8) + written
  }

  /// Writes an event about an address; without one, about the module itself.
  mutating func event(
    _ number: String, of address: String? = nil, _ parameter: String? = nil, after delay: Int64 = 10,
    at moment: SimulatedMoment
  ) {
    let words = ["EVENT", number, address ?? ownAddress] + (settings.model.isSided ? ["0"] : [])
    say((words + (parameter.map { [$0] } ?? [])).joined(separator: " "), after: delay, at: moment)
  }

  // MARK: Announcements

  /// The meter announces its scheduled energies.
  mutating func startAnnouncement(_ service: ECHONETService, after delay: Int64, at moment: SimulatedMoment) {
    announced &+= 1
    isConfirmed = service != .confirmedNotification
    let repeats = isConfirmed ? 0 : 2
    schedule(.announcement(service, transaction: announced, repeats: repeats), after: delay, moment)
  }

  mutating func announce(
    _ service: ECHONETService, transaction: UInt16, repeats: Int, at moment: SimulatedMoment
  ) {
    if service == .confirmedNotification, transaction == announced, isConfirmed { return }
    guard carriesData, let data = meter.announcement(service, transaction: transaction) else { return }
    counters.announcements += 1
    datagram(data, at: moment)
    guard repeats > 0 else { return }
    schedule(.announcement(service, transaction: transaction, repeats: repeats - 1), after: 20_000, moment)
  }
}
