internal import Base
internal import Decoders
internal import Meters
internal import Publishing

extension Configuration {
  /// Checks the meters against each other; fills the meters of the configuration.
  static func checkMeters(_ draft: inout Draft, _ given: GivenSettings, _ reader: inout SettingReader) {
    let limit = draft.configuration.meterLimit
    if draft.meters.count > limit {
      reader.add(
        "this is meter \(limit + 1) of \(draft.meters.count); `limits: {meters: \(draft.meters.count)}` allows so many",
        at: draft.meters[limit].given.at)
      return
    }
    checkIDs(draft.meters, &reader)
    for index in draft.meters.indices where draft.meters[index].settings.meterProtocol.receiver != nil {
      guard let listening = draft.meters[index].settings.source.listening else { continue }
      draft.meters[index].settings.source = listening
      draft.meters[index].settings.sourceText = listening.name
    }
    checkSources(&draft.meters, &reader)
    checkTopics(draft.meters, below: draft.configuration.mqtt.baseTopic, &reader)
    for meter in draft.meters { checkSpeed(meter, &reader) }
    draft.configuration.meters = draft.meters.map { meter in
      var settings = meter.settings
      // Every meter answers address 254, so it works for a single meter.
      if settings.meterProtocol.sharesLine, settings.address == nil { settings.address = .primary(254) }
      // An address is written for the meter's own protocol.
      if settings.meterProtocol == .d0 { settings.address = nil } else { settings.opticalPort.address = "" }
      return settings
    }
  }

  private static func checkIDs(_ meters: [Draft.Meter], _ reader: inout SettingReader) {
    var places: [String: Mark] = [:]
    let named = meters.filter { $0.given.isGood("id") }
    let parents = Set(
      named.filter { $0.given.isGood("protocol") && $0.settings.meterProtocol.hasSubmeters }.map(\.settings.id))
    for meter in named {
      let id = meter.settings.id
      let mark = meter.given.value("id")
      if let place = places[id] {
        reader.add("`\(id)` is the id of the meter in \(reader.line(of: place, from: mark)) already", at: mark)
      } else {
        places[id] = mark
      }
      if let owner = SubmeterNames.owner(of: id, among: parents) {
        reader.add(
          "`\(id)` may become the id of a meter behind the P1 port of `\(owner)`; choose another one", at: mark)
      }
    }
  }

  private static func checkSources(_ meters: inout [Draft.Meter], _ reader: inout SettingReader) {
    let usable = meters.indices.filter { meters[$0].given.isGood("source") && meters[$0].given.isGood("protocol") }
    let shared = Dictionary(grouping: usable, by: { meters[$0].settings.source }).values.filter { $0.count > 1 }
    for members in shared {
      let first = meters[members[0]]
      // The topic tells the meters apart.
      if first.settings.source.topic?.hasWildcard == true { continue }
      let known = first.settings.meterProtocol
      let isShared = first.settings.source.isBus || first.settings.source.topic != nil || known.receiver != nil
      if let stranger = members.first(where: { meter in
        let other = meters[meter].settings.meterProtocol
        return !other.sharesLine || other != known && known.sharesLine
      }) ?? (isShared ? nil : members[0]) {
        let other = members[members[0] == stranger ? 1 : 0]
        let mark = meters[max(stranger, other)].given.value("source")
        let line = reader.line(of: meters[min(stranger, other)].given.at, from: mark)
        reader.add(
          "the meter in \(line) reads this source already; only M-Bus meters on a device or TCP share one, or wireless ones on a receiver",
          at: mark)
        continue
      }
      checkAddresses(members.map { meters[$0] }, &reader)
      shareLine(members, of: &meters, &reader)
      shareReception(members, of: &meters, &reader)
    }
  }

  private static func checkAddresses(_ meters: [Draft.Meter], _ reader: inout SettingReader) {
    var index = MBusAddressIndex()
    for (place, meter) in meters.enumerated() {
      guard let address = meter.settings.address else {
        if !meter.given.has("address") {
          reader.add("`address` is missing: \(meters.count) meters share this source", at: meter.given.at)
        }
        continue
      }
      guard let other = index.insert(address, at: place) else { continue }
      let mark = meter.given.value("address")
      let line = reader.line(of: meters[other].given.at, from: mark)
      reader.add("the meter in \(line) answers to this address too", at: mark)
    }
  }

  /// One line has one setting: those that name none take it from the first that does.
  private static func shareLine(_ members: [Int], of meters: inout [Draft.Meter], _ reader: inout SettingReader) {
    guard let first = members.first(where: { meters[$0].settings.line != nil }) else { return }
    for member in members {
      guard let line = meters[member].settings.line else {
        meters[member].settings.line = meters[first].settings.line
        continue
      }
      if line != meters[first].settings.line {
        let mark = meters[member].given.value("line")
        let line = reader.line(of: meters[first].given.at, from: mark)
        reader.add("the meter in \(line) has other settings for the same source", at: mark)
      }
    }
  }
}
