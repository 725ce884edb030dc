internal import Decoders

extension SourceConnection {
  /// The source that these meters share, with its dialogue: an M-Bus has a master, a Wi-SUN dongle a session, everything
  /// else pushes.
  ///
  /// - Parameters:
  ///   - meters: At least one; all of one protocol on the same source. Events name them by their place here.
  ///   - network: Where the meter behind a dongle was found in an earlier run.
  ///   - seed: For the jitter and the transaction numbers of a session.
  ///   - lookup: For `tcp` sources whose host is a name.
  ///   - fetcher: For HTTP sources.
  convenience init?(
    for meters: [MeterSettings], network: SKSTACKNetwork? = nil, seed: UInt64 = 0, lookup: LookupThread?,
    fetcher: FetchThread? = nil
  ) {
    guard let first = meters.first else { return nil }
    let line = first.line ?? .usual(for: first.meterProtocol)
    self.init(
      first.source, line: line, others: first.line == nil ? LineSettings.unusual(for: first.meterProtocol) : [],
      dialogue: Self.session(with: first, network, seed) ?? Self.dialogue(for: meters, first, line), lookup: lookup,
      fetcher: fetcher, interval: first.interval ?? HTTPSource.usualInterval)
  }

  /// Nil where the source is not a dongle.
  private static func session(
    with meter: MeterSettings, _ network: SKSTACKNetwork?, _ seed: UInt64
  ) -> SKSTACKSession? {
    guard meter.meterProtocol == .echonet, meter.source.isBus, let credentials = meter.credentials else { return nil }
    var settings = SKSTACKSession.Settings(credentials: credentials, network: network, seed: seed)
    if let interval = meter.interval {
      settings.powerInterval = interval
      settings.energyInterval = max(interval, settings.energyInterval)
    }
    return SKSTACKSession(settings)
  }

  private static func dialogue(for meters: [MeterSettings], _ first: MeterSettings, _ line: LineSettings)
    -> any Dialogue
  {
    let gap = Listener.gap(overNetwork: first.source.isSocket)
    switch first.meterProtocol {
    case .p1, .dlms, .echonet: return Listener(framer: first.framer(), gap: gap, interval: first.interval)
    case .mbus where !first.source.isBus:
      // A recording or an HTTP source cannot be asked: it holds the answers to another master.
      let addresses = meters.map(\.busAddress)
      return Listener(framer: first.framer(), gap: gap, interval: first.interval) { frame in
        guard let parsed = try? MBusFrame(parsing: frame.span) else { return nil }
        return addresses.firstIndex { $0.objection(to: parsed) == nil }
      }
    case .mbus:
      return MBusMaster(
        slaves: meters.map { MBusMaster.Slave(address: $0.busAddress, interval: $0.interval) },
        timing: MBusTiming(baud: line.baud, overNetwork: first.source.isSocket))
    }
  }
}

extension MeterSettings {
  /// Without an address the meter is alone on its bus.
  fileprivate var busAddress: MBusAddress { address ?? .primary(MBusAddress.test) }
}
