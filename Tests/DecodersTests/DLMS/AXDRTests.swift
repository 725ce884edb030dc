import Testing

@testable import Decoders

/// The nodes of a value, or what is wrong with it.
private func tree(_ bytes: [UInt8], isPartial: Bool = false) -> Result<[AXDRNode], DecodeError> {
  var nodes: [AXDRNode] = []
  var reader = AXDRReader(bytes.span, 0..<bytes.count, isPartial: isPartial)
  do throws(DecodeError) {
    try reader.value(into: &nodes)
    return .success(nodes)
  } catch {
    return .failure(error)
  }
}

private func code(_ bytes: [UInt8], isPartial: Bool = false) -> DecodeError.Code? {
  if case .failure(let error) = tree(bytes, isPartial: isPartial) { error.code } else { nil }
}

private func nested(_ depth: Int) -> [UInt8] {
  (0..<depth).reduce([0x11, 5] as [UInt8]) { inner, _ in AXDR.structure([inner]) }
}

@Test func listsWithinListsEndAtALimit() {
  #expect(code(nested(40)) == .tooDeep)
  #expect(code(nested(17)) == .tooDeep)
  #expect(code(nested(16)) == nil)
}

@Test func countsAreHeldAgainstWhatIsThere() {
  #expect(code([0x02, 0x05, 0x11, 0x01]) == .truncated)
  #expect(code([0x01, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]) == .truncated)
  #expect(code([0x09, 0x82, 0x10, 0x00, 1, 2, 3]) == .truncated)
  #expect(code([0x09, 0x85, 1, 1, 1, 1, 1]) == .badRecord)
  #expect(code([0x55]) == .badRecord)
  #expect(code([]) == .truncated)
}

@Test func aListIsFollowedByTheIndexBehindIt() throws {
  let nodes = try tree(AXDR.structure([AXDR.structure([AXDR.uint16(7)]), AXDR.uint32(8)])).get()
  #expect(nodes.map(\.tag) == [0x02, 0x02, 0x12, 0x06])
  #expect(nodes.map(\.next) == [4, 3, 3, 4])
}

@Test func codesWithTagAndLengthSwapped() throws {
  let nodes = try tree(AXDR.structure([[0x06, 0x09, 1, 0, 1, 8, 0, 255], AXDR.uint32(5)])).get()
  #expect(nodes.map(\.tag) == [0x02, 0x09, 0x06])
  // A number that merely begins like one stays a number.
  let number = try tree(AXDR.structure([[0x06, 0x09, 1, 0, 1], AXDR.uint16(255)])).get()
  #expect(number.map(\.tag) == [0x02, 0x06, 0x12])
}

@Test func descriptorsWithoutTags() throws {
  let element = [0x02, 0x02, 0x00, 0x03, 1, 0, 1, 8, 0, 255, 2] + AXDR.uint32(5)
  #expect(try tree(element).get().map(\.tag) == [0x02, 0x09, 0x06])
  // As long as bytes are missing nobody knows what it is.
  for count in 2..<element.count { #expect(code(Array(element.prefix(count)), isPartial: true) == .truncated) }
  #expect(try tree(AXDR.structure([AXDR.null(), AXDR.null()])).get().map(\.tag) == [0x02, 0x00, 0x00])
}

@Test func compactArraysAreArrays() throws {
  // Structures of a number and a text: 13, type, length, contents.
  let contents: [UInt8] = [0, 1, 2, 0x41, 0x42, 0, 2, 1, 0x43]
  let nodes = try tree([0x13, 0x02, 0x02, 0x12, 0x09, UInt8(contents.count)] + contents).get()
  #expect(nodes.map(\.tag) == [0x01, 0x02, 0x12, 0x09, 0x02, 0x12, 0x09])
  #expect(nodes[0].count == 2)
  #expect(code([0x13, 0x00, 0x01, 0x00]) == .badRecord)
  // Arrays of 65 535 arrays of 65 535 nothings.
  #expect(code([0x13, 0x01, 0xFF, 0xFF, 0x01, 0xFF, 0xFF, 0x00, 0x01, 0x00]) == .tooLong)
  #expect(code([0x13, 0x12, 0x03, 0, 1, 2]) == .truncated)
}

// MARK: - Date-time

private struct Moment: Sendable, CustomTestStringConvertible {
  var bytes: [UInt8]
  var text: String?
  var testDescription: String { text ?? "none" }
}

@Test(arguments: [
  Moment(bytes: AXDR.moment(2022, 11, 20, 19, 3, 40, deviation: -60), text: "2022-11-20T19:03:40+01:00"),
  Moment(bytes: AXDR.moment(2023, 7, 1, 12, 0, 5, deviation: -120, status: 0x80), text: "2023-07-01T12:00:05+02:00"),
  Moment(bytes: AXDR.moment(2023, 7, 1, 12, 0, 5, deviation: 300), text: "2023-07-01T12:00:05-05:00"),
  Moment(bytes: AXDR.moment(2023, 7, 1, 12, 0, 5, deviation: .min), text: "2023-07-01T12:00:05"),
  Moment(bytes: AXDR.moment(2023, 7, 1, 12, 0, 255, deviation: .min), text: "2023-07-01T12:00:00"),
  Moment(bytes: AXDR.moment(2022, 13, 40, 25, 61, 0), text: nil),
  Moment(bytes: AXDR.moment(0xFFFF, 1, 1, 0, 0, 0), text: nil),
  Moment(bytes: AXDR.moment(2022, 1, 0xFE, 0, 0, 0), text: nil),
  Moment(bytes: Array("178210128502".utf8), text: nil),
])
private func readsDateTimes(_ sample: Moment) {
  #expect(DLMSDateTime(sample.bytes.span, at: 0)?.time.description == sample.text)
}

@Test func summerWithoutDeviationAndClocksNobodyBelieves() {
  let summer = DLMSDateTime(AXDR.moment(2021, 8, 30, 22, 20, 30, deviation: .min, status: 0x80).span, at: 0)
  #expect(summer?.time.isSummer == true)
  #expect(summer?.time.offset == nil)
  #expect(DLMSDateTime(AXDR.moment(2000, 1, 1, 0, 0, 0, status: 0x01).span, at: 0)?.isInvalid == true)
  #expect(DLMSDateTime(AXDR.moment(2000, 1, 1, 0, 0, 0, status: 0xFF).span, at: 0)?.isInvalid == false)
}

@Test(arguments: [[0x00], [0x0C] + DLMSBuilder.moment, [0x09, 0x0C] + DLMSBuilder.moment])
func threeFormsOfTheNotificationsTime(form: [UInt8]) throws {
  let body = AXDR.structure([AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(472), AXDR.scaler(0, 27)])
  let decoded = decodeAll([.frame([0x0F, 0x80, 0x01, 0x23, 0x45] + form + body)], DLMSDecoder())
  let reading = try #require(decoded.telegrams.first?.readings.first)
  #expect(reading.time?.description == (form.count > 1 ? "2022-11-20T19:03:40+01:00" : nil))
}

// MARK: - Errors

@Test func anErrorCarriesTheTypesOfAList() {
  let signature = DLMSSignature(pattern: "o2u4l6zU")
  #expect(DLMSSignature(signature.unknown) == DLMSSignature(pattern: "o2u4l6zU"))
  #expect(DLMSSignature(pattern: "o2u4a").unknown.description.contains("2 octet-string, 4 uint32, 1 array"))
  #expect(DLMSSignature(pattern: "ouououououou").unknown.description.hasSuffix("…"))
}

@Test func theTableOfLayoutsIsWhole() {
  for layout in DLMSLayout.all {
    #expect(layout.columns.count == layout.signature.letters.count, "\(layout.name)")
    #expect(layout.columns.count(where: { $0 != nil }) * 2 > layout.columns.count, "\(layout.name)")
  }
  let dashes = DLMSLayout.all.reduce(0) { $0 + $1.columns.count { $0 == nil } }
  #expect(dashes == 9)
}

@Test func systemTitlesAsOnTheLabel() {
  #expect(SystemTitle(0x4B46_4D65_5012_3456).description == "6KFM5501193046")
  #expect(SystemTitle(0x4B46_4D10_1000_0023).description == "1KFM0100000035")
  #expect(SystemTitle(0x4953_4B67_7513_BF3B).description == "ISK677513BF3B")
  #expect(SystemTitle(0x0102_0304_0506_0708).description == "0102030405060708")
}
