import Foundation
import Testing

@testable import Decoders

private let power = ECHONETSample.frame(0xE7, [0, 0, 1, 0xF4])
private let several = ECHONETSample.frame(
  .getResponse, [(0xE7, [0, 0, 1, 0x10]), (0xE8, [0x10, 0x81, 0, 1]), (0x80, [0x30])])

@Test(arguments: ECHONETService.allCases)
private func everyServiceIsReadOrNamed(_ service: ECHONETService) {
  let frame = ECHONETSample.frame(service, [(0xE7, [0, 0, 0, 1])])
  do throws(DecodeError) {
    let telegram = try ECHONETSample.telegram(frame)
    #expect(telegram?.echonetRecords.count == 1)
    #expect(!service.isRequest && !service.hasTwoLists)
    #expect(telegram?.said.isEmpty == !service.carriesValues)
  } catch {
    #expect(error.code == (service.hasTwoLists ? .unsupported : .notAnAnswer))
  }
}

private struct Broken: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var bytes: [UInt8]
  var code: DecodeError.Code
}

private let broken = [
  Broken(testDescription: "too short", bytes: Array(power.prefix(11)), code: .truncated),
  Broken(testDescription: "cut in its data", bytes: Array(power.dropLast(2)), code: .truncated),
  Broken(testDescription: "first byte", bytes: [0x11] + power.dropFirst(), code: .badFrame),
  Broken(testDescription: "format 2", bytes: [0x10, 0x82] + power.dropFirst(2), code: .badFrame),
  Broken(testDescription: "unknown service", bytes: Array(power[..<10]) + [0x99] + power[11...], code: .unsupported),
  Broken(testDescription: "no property", bytes: ECHONETSample.frame(.getResponse, []), code: .badRecord),
  Broken(
    testDescription: "longer than places can say",
    bytes: ECHONETSample.frame(
      .getResponse, Array(repeating: (0x80, [UInt8](repeating: 0x30, count: 255)), count: 255)),
    code: .tooLong),
  Broken(testDescription: "bytes behind", bytes: power + [0], code: .lengthMismatch),
  Broken(
    testDescription: "two promised", bytes: ECHONETSample.frame(.getResponse, [(0x80, [0x30])], count: 2),
    code: .truncated),
]

@Test(arguments: broken)
private func brokenFramesAreRejected(_ broken: Broken) {
  let error = #expect(throws: DecodeError.self) { try ECHONETSample.telegram(broken.bytes) }
  #expect(error?.code == broken.code)
}

@Test func requestsToTheMeter() {
  #expect(
    ECHONETFrame.toMeter(.get, transaction: 0x0D0A, properties: [0xE7, 0xE8])
      == [0x10, 0x81, 0x0D, 0x0A, 5, 0xFF, 1, 2, 0x88, 1, 0x62, 2, 0xE7, 0, 0xE8, 0])
}

/// Whatever the bytes: an error or a telegram, never a trap.
@Test func cutAndFlippedFramesNeverTrap() throws {
  for frame in [power, several] {
    for length in 0..<frame.count {
      #expect(throws: DecodeError.self) { try ECHONETSample.telegram(Array(frame.prefix(length))) }
    }
    for index in frame.indices {
      for bit in 0..<8 {
        var flipped = frame
        flipped[index] ^= 1 << bit
        _ = try? ECHONETSample.telegram(flipped)
      }
    }
  }
  var random = SystemRandomNumberGenerator()
  for code in UInt8.min...UInt8.max {
    for length in [1, 2, 3, 4, 7, 11, 12, 15, 16, 17, 23, 194] {
      let data = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      for source in [ECHONETObject.meter, .nodeProfile, .controller] {
        #expect(try ECHONETSample.telegram(ECHONETSample.frame(.getResponse, [(code, data)], from: source)) != nil)
      }
    }
  }
}

@Test func plainFramesInEveryShape() {
  verifyShapes(ECHONETFramer(), power, expected: [power])
  verifyShapes(ECHONETFramer(), several, expected: [several])
  verifyShapes(ECHONETFramer(), power + several + power, expected: [power, several, power])
}

@Test func whatIsNoFrameIsRejected() {
  #expect(frames(ECHONETFramer(), []) == [])
  let other: [UInt8] = [0x11] + power.dropFirst()
  #expect(
    frames(ECHONETFramer(), other + power) == [
      .rejected(other, DecodeError(.badFrame, at: 0, expected: 0x10, found: 0x11)), .frame(power),
    ])
  // One that promises too much does not swallow the next.
  let cut = Array(power.dropLast(2))
  #expect(frames(ECHONETFramer(), cut + power) == [.frame(cut), .frame(power)])
}

private func datagram(_ middle: String, port: String = "0E1A", _ data: [UInt8]) -> String {
  let address = "FE80:0000:0000:0000:0200:5EFF:FE00:5301"
  let count = Hexadecimal.text([UInt8(data.count >> 8), UInt8(data.count & 255)])
  return "ERXUDP \(address) \(address) \(port) \(port) 02005EFFFE005301 \(middle)\(count) "
}

@Test(arguments: ["1 ", "1 0 ", "C8 1 0 ", "C8 1 "], [false, true])
private func datagramsOfEveryDialect(_ middle: String, isBinary: Bool) {
  let data = isBinary ? several : Array(Hexadecimal.text(several).utf8)
  let before = "EVENT 21 X 00\r\nOK\r" + datagram(middle, several)
  let stream = Array(before.utf8) + data + Array("\r\nOK\r\n".utf8)
  for piece in [stream.count, 1, 5] {
    var reader = SKSTACKReader()
    var pieces: [SKSTACKReader.Piece] = []
    var position = 0
    while position < stream.count {
      let end = min(stream.count, position + piece)
      reader.append(Array(stream[position..<end]).span)
      while let next = reader.next() { pieces.append(next) }
      position = end
    }
    let expected = SKSTACKDatagram(
      sourcePort: 0x0E1A, destinationPort: 0x0E1A, linkQuality: middle.hasPrefix("C8") ? 0xC8 : nil, isProtected: true,
      data: several)
    #expect(
      pieces == [
        .line(Array("EVENT 21 X 00".utf8)), .line(Array("OK".utf8)), .datagram(expected), .line(Array("OK".utf8)),
      ])
    #expect(!reader.isInside)
  }
  #expect(goodFrames(frames(ECHONETFramer(), stream)) == [several])
}

@Test func aDatagramWithItsEndLostGivesTheLinesBehindItBack() {
  var reader = SKSTACKReader()
  let stream = Array(datagram("1 0 ", several).utf8) + several.prefix(10) + Array("\r\nEVENT 33 X 0\r\nOK\r\n".utf8)
  reader.append(stream.span)
  reader.finish()
  var lines: [String] = []
  while let piece = reader.next() {
    if case .line(let line) = piece { lines.append(String(decoding: line, as: UTF8.self)) }
  }
  #expect(lines.suffix(2) == ["EVENT 33 X 0", "OK"])
}

@Test func theAuthenticationOfModulesIsNeverHandedOut() {
  let secret = Array("SM00000000000000000000000000000001".utf8)
  for text in [true, false] {
    let data = text ? Array(Hexadecimal.text([0] + secret).utf8) : [0] + secret
    let head = Array(datagram("0 0 ", port: "02CC", [0] + secret).utf8)
    #expect(frames(ECHONETFramer(), head + data + [0x0D, 0x0A]) == [])
    for cut in 1...4 {
      let out = frames(ECHONETFramer(), head + data.dropLast(cut) + [0x0D, 0x0A])
      let bytes = String(decoding: out.flatMap(\.bytes), as: UTF8.self)
      #expect(!bytes.contains("0000000000") && !bytes.contains("303030303030"))
    }
  }
}

/// Found by fuzzing: what came behind the announced bytes was a line of its own, where the line came in pieces.
@Test func anAuthenticationLongerThanAnnouncedIsNotHandedOutInPiecesEither() {
  let secret = Array("SM00000000000000000000000000000001".utf8)
  var reader = SKSTACKReader()
  var pieces: [SKSTACKReader.Piece] = []
  for byte in Array(datagram("0 0 ", port: "02CC", [0] + secret).utf8) + [0] + secret + secret + Array("\rOK\r".utf8) {
    reader.append([byte].span)
    while let piece = reader.next() { pieces.append(piece) }
  }
  #expect(pieces.count == 2 && pieces.last == .line(Array("OK".utf8)))
  guard case .rejected(let bytes, let error) = pieces.first else {
    Issue.record("\(pieces)")
    return
  }
  #expect(error.code == .badFrame && !String(decoding: bytes, as: UTF8.self).contains("SM00"))
}

@Test func signalStrengthHasTwoDecimals() {
  #expect(SKSTACKDatagram.signalStrength(0xDD).description == "-43.50")
  #expect(SKSTACKDatagram.signalStrength(0).description == "-104.27")
  #expect(SKSTACKDatagram.signalStrength(255).description == "-34.15")
}
