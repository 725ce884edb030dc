import Testing

@testable import Decoders

/// Not the one of the samples.
private let exampleKey = [UInt8](16...31)

extension Sample {
  /// Those that can be made anonymous.
  fileprivate static let redactable = all.filter { !($0.meterProtocol == .wmbus && $0.name == "apator-na1") }

  fileprivate var redactor: any FrameRedactor {
    let example = DLMSCipher(key: exampleKey)
    return switch meterProtocol {
    case .mbus: MBusRedactor(profile: settings.profile)
    case .p1: P1Redactor(cipher: settings.cipher, systemTitle: settings.dlms.systemTitle, example: example)
    case .dlms: DLMSRedactor(cipher: settings.cipher, systemTitle: settings.dlms.systemTitle, example: example)
    case .echonet: ECHONETRedactor()
    case .wmbus: WirelessRedactor(settings.wireless, example: WirelessCipher(testing: exampleKey))
    case .d0: D0Redactor()
    case .sml: SMLRedactor()
    }
  }

  /// As somebody reads the redacted frame who has only the example key.
  fileprivate var forOthers: Sample {
    var sample = self
    if settings.key != nil { sample.settings.key = exampleKey }
    sample.settings.authenticationKey = nil
    sample.settings.dlms.systemTitle = settings.dlms.systemTitle?.redacted
    return sample
  }

  /// The numbers of its meters.
  fileprivate var numbers: [String] {
    readings.joined().compactMap { $0.hasPrefix("number: ") ? String($0.dropFirst(8)) : nil }
      .filter { $0.count > 5 && !$0.allSatisfy { $0 == "0" } }
  }
}

/// Whether a line of a sample must stand in the redacted one too: numbers and times, and which fields there are.
private func isValue(_ line: String) -> Bool {
  let replaced = ["number:", "model:", "message:", "mbus_", "obis_"]
  guard let value = line.split(separator: " ", maxSplits: 1).last, !replaced.contains(where: line.hasPrefix)
  else { return false }
  return value.contains { $0.isNumber } && (line.contains("time") || Double(value.prefix { $0 != " " }) != nil)
}

@Suite struct FrameRedactorTests {
  @Test("a wireless frame that has a check value of format B by chance is redacted as it was decoded")
  func chance() throws {
    // Its last record is a text, whose last two bytes are what the check value would be.
    var frame = WirelessBuilder.stripped([
      0x7A, 0x02, 0, 0, 0, 0x0C, 0x13, 0x45, 0x23, 0x01, 0x00, 0x0D, 0x78, 0x03, 0x41,
    ])
    frame[0] += 2
    let value = CRC16.en13757(frame.span, 0..<frame.count)
    frame += [UInt8(value >> 8), UInt8(value & 255)]
    try #require(try WirelessFrame(frame.span).format == .b)
    var redactor = WirelessRedactor(.init(), example: nil)
    _ = try? redactor.redact(WirelessBuilder.stripped([0x7A, 0x01, 0, 0, 0, 0x04, 0x13, 0x45, 0x23, 0, 0]))
    let redacted = try redactor.redact(frame)
    #expect(redacted.count == frame.count && redacted != frame)
  }

  @Test(
    "a redacted sample decodes to the same values, and does not tell a number of its meters",
    arguments: Sample.redactable)
  private func redacts(_ sample: Sample) throws {
    var redactor = sample.redactor
    let frame: [UInt8]
    do throws(RedactionError) { frame = try redactor.redact(sample.frame) } catch {
      // Issues of a telegram are bytes that nobody can read.
      #expect(!sample.issues.isEmpty, "\(error)")
      return
    }
    let before = sample.decoded(sample.frame)
    let after = sample.forOthers.decoded(frame)
    #expect(after.errors == before.errors && after.telegrams.count == before.telegrams.count, "\(after.errors)")
    for (old, new) in zip(before.telegrams, after.telegrams) {
      for (old, new) in zip(old.readings, new.readings) {
        #expect(old.lines.filter(isValue) == new.lines.filter(isValue))
        #expect(old.fields.map { old.topicLevel($0) } == new.fields.map { new.topicLevel($0) })
        #expect(old.manufacturerName == new.manufacturerName)
      }
      for number in sample.numbers {
        #expect(!new.readings.map(\.lines).joined().contains { $0.contains(number) }, "\(number)")
      }
      // What is enciphered with the example key is readable for everybody.
      let data = (new.content as? DLMSContent)?.data ?? new.bytes
      #expect(!redactor.pseudonyms.isLeft(in: data))
    }
    #expect(!redactor.pseudonyms.isLeft(in: frame))
    // The same meter gets the same numbers.
    #expect(try redactor.redact(sample.frame) == frame)
  }

  /// A telegram that only has a tag can be read by all.
  private static let enciphered = Sample.redactable.filter { $0.settings.key != nil && $0.name != "authenticated-only" }

  @Test("without its key an enciphered telegram is refused", arguments: enciphered)
  private func withoutKey(_ sample: Sample) {
    var other = sample
    other.settings.key = nil
    var redactor = other.redactor
    #expect(throws: RedactionError.self) { try redactor.redact(sample.frame) }
  }

  @Test("a number that a redacted frame has at another place is noticed")
  func numberLeft() {
    var pseudonyms = Pseudonyms()
    #expect(pseudonyms.text(Array("KAM83012345".utf8)) == Array("KAM00000001".utf8))
    #expect(pseudonyms.text(Array("83012346".utf8)) == Array("00000002".utf8))
    #expect(pseudonyms.text(Array("KAM83012345".utf8)) == Array("KAM00000001".utf8))
    #expect(pseudonyms.text(Array("00000000".utf8)) == Array("00000000".utf8))
    for form in ["xx83012345", "3833303132333435"] { #expect(pseudonyms.isLeft(in: Array(form.utf8))) }
    #expect(pseudonyms.isLeft(in: [1, 0x83, 0x01, 0x23, 0x45]))
    #expect(pseudonyms.isLeft(in: [0x45, 0x23, 0x01, 0x83, 2]))
    #expect(!pseudonyms.isLeft(in: [0x83, 0x01, 0x23, 0x44] + Array("8301234".utf8)))
  }
}
