internal import Base
internal import Decoders
internal import Meters

extension SourceConnection {
  /// The source that these meters share, with the dialogue of their protocol.
  ///
  /// - Parameters:
  ///   - meters: At least one; all of one protocol on the same source. Events name them by their place here.
  ///   - settings: The first of them, in the place that it has in memory already.
  ///   - network: Where the meter behind a dongle was found in an earlier run.
  ///   - seed: For the jitter and the transaction numbers of a session.
  ///   - lookup: For `tcp` sources whose host is a name.
  ///   - fetcher: For HTTP sources.
  convenience init?(
    for meters: [MeterSettings], sharing settings: Box<MeterSettings>? = nil, network: SKSTACKNetwork? = nil,
    seed: UInt64 = 0, lookup: LookupThread?,
    fetcher: FetchThread? = nil
  ) {
    guard let first = meters.first else { return nil }
    let known = first.meterProtocol
    let line = first.line ?? known.line
    let request = DialogueRequest(meters: meters, line: line, network: network, seed: seed)
    self.init(
      first.source, line: line, others: first.line == nil ? known.otherLines : [], dialogue: request.dialogue,
      diagnosis: LineDiagnosis(settings ?? Box(first)),
      trace: LineTrace(first.source.name, credentials: first.credentials),
      lookup: lookup, fetcher: fetcher, interval: first.fetchInterval, seed: seed)
  }
}
