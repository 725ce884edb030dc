/// Makes readings of pushed DLMS telegrams: Kaifa, Sagemcom, Landis+Gyr, Iskraemeco, Kamstrup, Aidon and other meters
/// with lists that explain themselves.
///
/// Its frames are the whole telegrams of `DLMSFramer`. Enciphered P1 telegrams give P1 telegrams.
package struct DLMSDecoder: MeterDecoder {
  /// The knowledge beside the telegrams.
  package struct Configuration: Sendable {
    /// Nil without a configured key: then only telegrams in plain are readable.
    package var cipher: DLMSCipher?
    /// For meters that do not send a system title.
    package var systemTitle: SystemTitle?
    /// The protection that telegrams must have.
    package var protection = ProtectionRule()
    /// Powers of ten for registers without decimals in the telegram.
    package var scalers: [DLMSQuantity: Int8] = [:]
    /// The maker whose habits to assume, if the telegram lacks the maker or has a wrong one.
    package var maker: DLMSMaker?
    /// Minutes east of UTC of the meter's clock, if its times lack the offset or have a wrong one.
    package var utcOffset: Int16?

    package init() {}
  }

  private let settings: Configuration
  private var decipherer: DLMSDecipherer
  /// The tree of a list that is not known.
  private var nodes: [AXDRNode] = []
  private(set) var habit = DLMSHabit()

  /// - Parameter settings: for this meter.
  package init(_ settings: Configuration = Configuration()) {
    self.settings = settings
    decipherer = DLMSDecipherer(
      settings.cipher, systemTitle: settings.systemTitle, protection: settings.protection)
  }

  /// Decodes the telegrams of one frame, mostly one.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    var data = try DLMSPayload.gather(frame)
    let link = [UInt8](frame)
    var position = 0
    // One frame may carry several telegrams, each behind a link control header of its own.
    repeat {
      if DLMSAPDUTransport.hasLinkControl(data.span, at: position) { position += DLMSAPDUTransport.linkControlCount }
      guard position < data.count else { throw DecodeError(.truncated, at: position, expected: 1) }
      let end = try decode(&data, at: position, link, into: &telegrams)
      if end < data.count, !DLMSAPDUTransport.hasLinkControl(data.span, at: end), let last = telegrams.indices.last {
        telegrams[last].issues.append(DecodeError(.noise, at: end, found: data.count - end))
        return
      }
      position = end
    } while position < data.count
  }

  /// Every frame is a whole telegram: the framer joins segments.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  /// Decodes the application data at a place; returns its end.
  private mutating func decode(
    _ data: inout [UInt8], at position: Int, _ link: [UInt8], into telegrams: inout [Telegram]
  ) throws(DecodeError) -> Int {
    switch data[position] {
    case DLMSTag.generalGlobalCiphering, DLMSTag.generalDedicatedCiphering:
      let envelope = try DLMSEnvelope(data.span, at: position)
      let opened = try decipherer.open(envelope, in: &data)
      try decode(opened, data, link, into: &telegrams)
      return envelope.end
    case DLMSTag.dataNotification, AXDRTag.array, AXDRTag.structure:
      try settings.protection.check(isEncrypted: false, hasTag: false, at: position)
      var header = DLMSHeader()
      let list = try list(data.span, position..<data.count, &header)
      telegrams.append(try telegram(data, header, list, link, seal: nil))
      return list.place.upperBound
    case DLMSTag.generalCiphering, DLMSTag.generalSigning:
      throw DecodeError(.unsupportedSecurity, at: position, found: Int(data[position]))
    default: throw DecodeError(.unsupported, at: position, found: Int(data[position]))
    }
  }

  // MARK: Enciphered

  private mutating func decode(
    _ opened: DLMSOpened, _ data: [UInt8], _ link: [UInt8], into telegrams: inout [Telegram]
  ) throws(DecodeError) {
    let isCertain = opened.verification == .verified
    if let first = opened.text.first, data[first] == DLMSTag.text, DLMSDecipherer.isPlausible(data.span, opened.text) {
      let frame = try P1PortDecoder.frame(data.span.extracting(opened.text), needsChecksum: !isCertain)
      decipherer.accept(opened)
      var decoder = P1Decoder(utcOffset: settings.utcOffset)
      try decoder.decode(frame.span, into: &telegrams)
      telegrams[telegrams.count - 1].seal = opened.seal(link)
      if isCertain { telegrams[telegrams.count - 1].protection = .authenticated }
      return
    }
    guard isCertain || DLMSDecipherer.isPlausible(data.span, opened.text) || isBareList(data.span, opened.text) else {
      throw decipherer.refuse(opened.title)
    }
    var header = DLMSHeader()
    header.systemTitle = opened.title
    header.frameCounter = opened.counter
    header.security = opened.security
    header.verification = opened.verification
    let list = try list(data.span, opened.text, &header)
    let end = list.place.upperBound
    guard end == opened.text.upperBound else {
      throw DecodeError(.lengthMismatch, at: end, expected: end, found: opened.text.upperBound)
    }
    decipherer.accept(opened)
    telegrams.append(try telegram(data, header, list, link, seal: opened.seal(link)))
  }

  /// The number of elements of a list without a head that chance does not make.
  private static let provingElements = 8

  /// Whether a text is one long list up to its last byte: the first byte alone is not proof.
  private mutating func isBareList(_ bytes: Span<UInt8>, _ text: Range<Int>) -> Bool {
    guard let first = text.first, bytes[first] == AXDRTag.array || bytes[first] == AXDRTag.structure else {
      return false
    }
    var header = DLMSHeader()
    do throws(DecodeError) {
      let body = try body(bytes, text, &header)
      return try tree(bytes, body..<text.upperBound) == text.upperBound && nodes.count >= Self.provingElements
    } catch { return false }
  }

  // MARK: In plain

  /// A list at its place in the application data: what comes of it if that is known, else its tree is in `nodes`.
  private struct List {
    var place: Range<Int>
    var known: (records: [DLMSRecord], readings: [Reading])?
  }

  /// Reads the list of the application data.
  private mutating func list(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ header: inout DLMSHeader
  ) throws(DecodeError) -> List {
    let body = try body(bytes, range, &header)
    if let known = habit.read(bytes, body, to: range.upperBound, header, settings) {
      return List(place: known.place, known: (known.records, known.readings))
    }
    return List(place: body..<(try tree(bytes, body..<range.upperBound)))
  }

  /// Reads the head of the application data; returns the place of the list.
  private func body(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ header: inout DLMSHeader
  ) throws(DecodeError) -> Int {
    guard let first = range.first else { throw DecodeError(.truncated, at: range.lowerBound, expected: 1) }
    switch bytes[first] {
    case DLMSTag.dataNotification:
      let notification = try DLMSNotification(bytes, at: first, to: range.upperBound)
      header.invokeID = notification.invokeID
      if let place = notification.time, let moment = DLMSDateTime(bytes, at: place), !moment.isInvalid {
        header.time = moment.time
      }
      return notification.body
    case AXDRTag.array, AXDRTag.structure: return first
    default: throw DecodeError(.unsupported, at: first, found: Int(bytes[first]))
    }
  }

  /// Reads the tree of a list into `nodes`; returns its end.
  private mutating func tree(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(DecodeError) -> Int {
    nodes.removeAll(keepingCapacity: true)
    var reader = AXDRReader(bytes, range)
    try reader.value(into: &nodes)
    return reader.position
  }

  /// The telegram of a list.
  private mutating func telegram(
    _ data: [UInt8], _ header: DLMSHeader, _ list: List, _ link: [UInt8], seal: TelegramSeal?
  ) throws(DecodeError) -> Telegram {
    if let known = list.known {
      return telegram(data, header, known.records, known.readings, [], link, seal)
    }
    let bytes = data.span
    let isLearning = habit.meetsStranger()
    var parser = COSEMListParser(bytes, nodes, root: 0, keepsPlaces: isLearning)
    var layout: DLMSLayout?
    if !parser.records.contains(where: \.hasUnit) {
      layout = DLMSLayout.find(nodes, of: 0, in: bytes)
      if let layout {
        parser.apply(layout)
      } else if parser.hasNamelessNumber || parser.records.isEmpty && !parser.hasNamelessState {
        throw DecodeError(unknown: DLMSSignature(nodes, of: 0))
      }
    }
    var readings = DLMSReadings(
      bytes, header: header, records: parser.takeAll(), issues: parser.issues, settings: settings)
    let all = readings.all(layoutMaker: layout?.maker, hasObjectList: parser.hasObjectList)
    if isLearning, all.count == 1, readings.issues.isEmpty,
      let learnt = DLMSUsualList(
        data, list.place, nodes: nodes, origins: parser.places, made: readings, reading: all[0])
    {
      habit.learn(learnt)
      nodes = []
    }
    return telegram(data, header, readings.records, all, readings.issues, link, seal)
  }

  private func telegram(
    _ data: [UInt8], _ header: DLMSHeader, _ records: [DLMSRecord], _ readings: [Reading], _ issues: [DecodeError],
    _ link: [UInt8], _ seal: TelegramSeal?
  ) -> Telegram {
    Telegram(
      bytes: link, content: DLMSContent(header: header, data: data, records: records), readings: readings,
      issues: issues, protection: header.verification.protection(of: link), seal: seal)
  }
}

extension DLMSVerification {
  /// What stands for the bytes of a telegram: the tag, or the check values of its link frames, which are all of a kind.
  fileprivate func protection(of link: [UInt8]) -> Telegram.Protection {
    if self == .verified { return .authenticated }
    return DLMSLinkFrame(link.span, at: 0)?.transport.isSubset(of: .unchecked) == false ? .checkValue : .none
  }
}

extension DLMSRecord {
  /// Whether telegram or code give the number a unit.
  fileprivate var hasUnit: Bool {
    if scalerSource == .telegram { return true }
    guard let obis, case .number = content else { return false }
    return DLMSQuantity(DLMSReadings.meaning(obis)) != nil
  }
}
