package import Base
package import Decoders

/// What comes of one meter of the configuration while its source is tried.
package struct MeterTrial: Sendable {
  /// A meter or sub-meter that was heard.
  package struct Heard: Equatable, Sendable {
    /// Its id: that of the configuration, or of a meter behind it.
    package var id: String
    package var meter: HeardMeter
  }

  package enum Verdict: Equatable, Sendable {
    /// The meter first, then those behind it.
    case heard([Heard])
    case failed(String)
    /// Bytes, but no telegram: other line settings may help.
    case noise(String)
  }

  package let settings: MeterSettings
  private var decoder: any MeterDecoder
  private var adjustment: Adjustment
  private var names: SubmeterNames
  private var strange: TelegramTrial
  private var heard: [Heard] = []
  /// Why it will not come to a telegram.
  private var failure: String?
  /// What may pass: the last trouble of a session, or of a telegram.
  private var lastTrouble: String?
  private var lastRejection: DecodeError?
  /// Bytes that are not a frame.
  private var noise = 0
  /// Whole telegrams that no key opens.
  private var refusals = 0

  package init(_ settings: MeterSettings) {
    self.settings = settings
    decoder = settings.meterProtocol.decoder(settings)
    adjustment = Adjustment(settings)
    names = SubmeterNames(parent: settings.id, devices: [])
    strange = TelegramTrial(ProtocolDescription.all.filter { $0 != settings.meterProtocol })
  }

  /// Whether its verdict stands before the time is over.
  package var isSettled: Bool { !heard.isEmpty || failure != nil }

  // MARK: Events

  /// Takes the frames of one readout.
  package mutating func received(_ frames: [[UInt8]]) {
    var telegrams: [Telegram] = []
    for frame in frames {
      do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch {
        refused(frame, error)
      }
    }
    if frames.count > 1, let whole = MBusDecoder.join(telegrams) { telegrams = [whole] }
    for telegram in telegrams { use(telegram) }
  }

  /// A frame cannot be decoded. It may be a piece of another protocol's: an enciphered block looks the same in several.
  private mutating func refused(_ frame: [UInt8], _ error: DecodeError) {
    lastTrouble = error.description
    if error.code == .otherProtocol { failure = failure ?? error.description }
    strange.append(frame)
    if recogniseOther(onlyMarked: true) { return }
    guard error.code.isOfCipher else { return }
    refusals += 1
    var isOwn = false
    if case .telegram = settings.meterProtocol.recognise(frame.span) { isOwn = true }
    if isOwn || refusals > 1 { failure = failure ?? error.description }
  }

  /// Looks for telegrams of another protocol; true if there are any.
  private mutating func recogniseOther(onlyMarked: Bool) -> Bool {
    guard heard.isEmpty, let finding = strange.look(), finding.isMarked || !onlyMarked else { return false }
    failure = LineDiagnosis.Finding.other(finding.meterProtocol).description
    return true
  }

  private mutating func use(_ telegram: Telegram) {
    var telegram = telegram
    adjustment.apply(to: &telegram)
    // A telegram with only units or identities is not a reading.
    guard heard.isEmpty, telegram.readings.contains(where: \.hasValues) else { return }
    let ids = [settings.id] + names.ids(for: telegram.readings.dropFirst())
    heard = zip(ids, telegram.readings).map { Heard(id: $0, meter: HeardMeter($1)) }
    failure = nil
  }

  /// Takes bytes that are not a frame of its protocol.
  package mutating func rejected(_ bytes: [UInt8], _ error: DecodeError) {
    lastRejection = error
    noise += bytes.count
    strange.append(bytes)
    _ = recogniseOther(onlyMarked: lastTrouble != nil)
  }

  /// A readout failed.
  package mutating func noAnswer(tries: Int, _ reason: MBusFailure) {
    let advice = settings.meterProtocol.sharesLine ? nil : settings.meterProtocol.silenceAdvice
    failure = failure ?? reason.text(tries: tries, advice: advice) ?? lastRejection?.description
  }

  /// A session with the meter has a trouble.
  package mutating func troubled(by trouble: SKSTACKTrouble) {
    if trouble.level == .error { failure = trouble.description }
    lastTrouble = trouble.description
  }

  /// Something about the source may be the reason.
  package mutating func doubted(_ warning: String) { lastTrouble = warning }

  /// The source cannot be read.
  package mutating func lost(_ reason: String) {
    if heard.isEmpty { failure = failure ?? reason }
  }

  // MARK: The verdict

  /// - Parameters:
  ///   - time: how long it was tried.
  ///   - line: how the port was set; nil for a source without one.
  /// - Returns: what to tell the user.
  package func verdict(after time: Milliseconds, on line: LineSettings?) -> Verdict {
    if !heard.isEmpty { return .heard(heard) }
    if let failure { return .failed(failure) }
    if let lastTrouble { return .failed(lastTrouble) }
    let seconds = max(1, time.count / 1000)
    guard noise > 0 else {
      let advice = settings.meterProtocol.silenceAdvice.map { ": \($0)" } ?? ""
      return .failed("nothing came in \(seconds) s\(advice)")
    }
    if let lastRejection, lastRejection.code == .checksumMismatch {
      return .failed("\(lastRejection.description): bytes get lost on the way")
    }
    let with = line.map { " with \($0): another speed, or an inverted line?" } ?? ""
    let bytes = counted(noise, "byte")
    return .noise("\(bytes) in \(seconds) s, but no telegram of \(settings.meterProtocol.meter)\(with)")
  }
}
