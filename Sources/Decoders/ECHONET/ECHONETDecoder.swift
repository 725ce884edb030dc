/// Decodes the frames of Japanese smart meters on the B-route (ECHONET Lite, class 0288).
///
/// It remembers unit and coefficient of the energy registers. Until it knows them energies are absent: a guessed unit
/// would be wrong by a power of ten.
package struct ECHONETDecoder: MeterDecoder {
  private var scaling: ECHONETScaling
  private var particulars = ECHONETParticulars()

  /// - Parameters:
  ///   - energyUnit: The meter's E1, where it is known from elsewhere.
  ///   - coefficient: The meter's D3, where it is known from elsewhere. As long as it is unknown energies are absent.
  package init(energyUnit: UInt8? = nil, coefficient: UInt32? = nil) {
    scaling = ECHONETScaling(unit: energyUnit, coefficient: coefficient)
  }

  /// Decodes one frame into one telegram. Its radio frames have a tag under the key of the session, which only the meter
  /// of this route-B id can agree on (IEEE 802.15.4 CCM*, PANA).
  ///
  /// Throws the errors of `ECHONETFrame`, and `notAnAnswer` for a request. A property with data of the wrong size or
  /// meaning is an issue.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    let parsed = try ECHONETFrame(frame)
    guard !parsed.service.isRequest else { throw DecodeError(.notAnAnswer, at: 10, found: Int(frame[10])) }
    if isOfAnotherMeter(parsed, frame) { scaling = ECHONETScaling() }
    scaling.observe(parsed, frame)
    var issues: [DecodeError] = []
    let records = Self.records(of: parsed, frame, scaling, &issues)
    let reading =
      parsed.source.isMeter && parsed.service.carriesValues
      ? ECHONETReading.reading(of: records, particulars) : particulars.reading
    telegrams.append(
      Telegram(
        bytes: frame.indices.map { frame[$0] }, content: ECHONETContent(frame: parsed, records: records),
        readings: [reading],
        issues: issues, protection: .authenticated))
  }

  /// Every frame is a whole telegram.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  /// Notes the data of the frame about the meter itself.
  ///
  /// - Returns: Whether it is another meter, so that unit and coefficient of the old one do not count.
  private mutating func isOfAnotherMeter(_ frame: ECHONETFrame, _ bytes: Span<UInt8>) -> Bool {
    guard frame.source.isMeter, frame.service.carriesValues else { return false }
    var issues: [DecodeError] = []
    return particulars.observe(Self.records(of: frame, bytes, scaling, &issues))
  }

  private static func records(
    of frame: ECHONETFrame, _ bytes: Span<UInt8>, _ scaling: ECHONETScaling, _ issues: inout [DecodeError]
  ) -> [ECHONETRecord] {
    var reader = ECHONETValueReader(bytes, scaling)
    var records: [ECHONETRecord] = []
    records.reserveCapacity(frame.properties.count)
    for property in frame.properties {
      records.append(reader.record(property, of: frame.source))
      if let issue = reader.issue { issues.append(issue) }
    }
    return records
  }
}
