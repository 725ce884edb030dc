package import Base

extension MeterTrial {
  /// How long the meters of one source are tried, until each has told a reading or failed.
  package static func time(for meters: [MeterSettings]) -> Milliseconds {
    guard let first = meters.first else { return 0 }
    let usual = first.meterProtocol.firstTelegram
    if first.isAsked { return max(usual, Milliseconds(Limits.trialOfSlave.count * Int64(meters.count))) }
    // One may have begun when the source was opened; the next one counts.
    let pushed = first.interval.map { Milliseconds($0.count * 2 + 5_000) } ?? 0
    return min(max(usual, pushed), Limits.longestTrial)
  }
}
