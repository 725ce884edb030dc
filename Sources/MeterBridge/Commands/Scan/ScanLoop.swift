internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// Runs a scan on an open line until it is finished or the user ends it.
struct ScanLoop {
  enum End: Equatable {
    case finished
    /// Ctrl-C.
    case interrupted
    /// The line cannot be used.
    case lost(String)
  }

  private(set) var scan: MBusScan
  /// All exchanges, for a scan that goes on later.
  private(set) var records: [ScanRecord]
  private var transport: any Transport
  private let console: Console
  private let started = Clock.now()
  private var shown = Instant.past
  /// Keeps the exchanges so far, for a scan that ends without a word.
  private let keep: ([ScanRecord]) -> Void
  private var kept: (count: Int, at: Instant)

  /// Between two times of keeping.
  private static let keeping = Milliseconds.seconds(2)
  /// Between two pictures of the progress.
  private static let pause = Milliseconds(250)

  init(
    _ settings: MBusScan.Settings, at address: SourceAddress, replay: [ScanRecord], lookup: LookupThread?,
    console: Console, keep: @escaping ([ScanRecord]) -> Void
  ) {
    self.keep = keep
    kept = (replay.count, Clock.now())
    scan = MBusScan(settings, replay: replay)
    records = replay
    self.console = console
    transport = address.transport(line: Self.line(scan.baud), interval: 0, lookup: lookup, fetcher: nil)
  }

  private static func line(_ baud: Int) -> LineSettings {
    LineSettings(baud: baud, dataBits: 8, parity: .even, stopBits: 1)
  }

  /// - Parameter signals: SIGINT and SIGTERM end the scan.
  /// - Returns: why it has ended.
  mutating func run(until signals: Signals) -> End {
    defer {
      transport.close()
      hideProgress()
    }
    do throws(SourceError) {
      if try transport.open(now: Clock.now()) == .opened { scan.opened(now: Clock.now()) }
      while !scan.isFinished {
        try carryOut()
        showProgress()
        keepRecords()
        guard !scan.isFinished else { break }
        var polled = PollSet()
        let signal = polled.add(PollInterest(descriptor: signals.descriptor, readiness: .readable))
        let token = transport.interest.map { polled.add($0) }
        let next = [scan.deadline, transport.deadline].compactMap(\.self).min()
        polled.wait(atMost: next.map { $0 - Clock.now() })
        if !polled.readiness(of: signal).isEmpty, signals.take().contains(.end) { return .interrupted }
        try service(polled.readiness(of: token))
      }
      return .finished
    } catch {
      return .lost(error.reason)
    }
  }

  private mutating func service(_ ready: Readiness) throws(SourceError) {
    switch try transport.service(ready, now: Clock.now()) {
    case .opened: scan.opened(now: Clock.now())
    case .bytes(let input): scan.received(input, now: Clock.now())
    case .warning(let text): complain(text)
    case .message, .left, .unchanged, .tuned, .ended, nil: break
    }
    scan.tick(now: Clock.now())
  }

  private mutating func carryOut() throws(SourceError) {
    for output in scan.takeOutputs() {
      switch output {
      case .send(let bytes): try transport.send(bytes, now: Clock.now())
      case .exchanged(let record): records.append(record)
      case .tune(let baud):
        transport.close()
        transport.use(Self.line(baud))
        if try transport.open(now: Clock.now()) == .opened { scan.opened(now: Clock.now()) }
      case .found, .finished: break
      }
    }
  }

  private mutating func keepRecords() {
    let now = Clock.now()
    guard records.count > kept.count, now >= kept.at + Self.keeping else { return }
    kept = (records.count, now)
    keep(records)
  }

  // MARK: Progress

  private var isWatched: Bool { isatty(console.errors) == 1 }

  private mutating func showProgress() {
    let now = Clock.now()
    guard isWatched, now >= shown + Self.pause else { return }
    shown = now
    console.draw(Self.progress(of: scan, after: now - started))
  }

  /// `primary addresses at 2400 baud: 34 %, 12 meters found, about 2 min left`.
  static func progress(of scan: MBusScan, after elapsed: Milliseconds) -> String {
    let (text, part) = scan.progress
    let found = "\(counted(scan.findings.meters.count, "meter")) found, \(counted(scan.requests.all, "request"))"
    // At the beginning an estimate is a guess.
    let rest = part > 0.05 ? Int64(Double(elapsed.count) * (1 - part) / part) : nil
    let left = rest.map { ", about \(Milliseconds($0)) left for this part" } ?? ""
    return "\(text): \(Int(part * 100)) %, \(found)\(left)"
  }

  private func hideProgress() { if isWatched { console.draw("") } }

  private func complain(_ text: String) {
    hideProgress()
    console.complain(text)
  }
}

extension Console {
  /// Draws a line of a terminal anew.
  fileprivate func draw(_ line: String) {
    // ECMA-48: to the beginning, the line, clear the rest.
    Console(output: errors).write("\r\(line)\u{1B}[K")
  }
}
