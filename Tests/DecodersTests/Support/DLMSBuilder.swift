@testable import Decoders

/// Builds values in A-XDR coding.
enum AXDR {
  static func null() -> [UInt8] { [0x00] }
  static func structure(_ elements: [[UInt8]]) -> [UInt8] { [0x02] + length(elements.count) + elements.flatMap(\.self) }
  static func list(_ elements: [UInt8]...) -> [UInt8] { structure(elements) }
  static func array(_ elements: [[UInt8]]) -> [UInt8] { [0x01] + length(elements.count) + elements.flatMap(\.self) }
  static func octets(_ bytes: [UInt8]) -> [UInt8] { [0x09] + length(bytes.count) + bytes }
  static func text(_ text: String) -> [UInt8] { octets(Array(text.utf8)) }
  static func visible(_ text: String) -> [UInt8] { [0x0A] + length(text.utf8.count) + Array(text.utf8) }
  static func uint32(_ value: UInt32) -> [UInt8] { [0x06] + big(UInt64(value), 4) }
  static func uint16(_ value: UInt16) -> [UInt8] { [0x12] + big(UInt64(value), 2) }
  static func int16(_ value: Int16) -> [UInt8] { [0x10] + big(UInt64(UInt16(bitPattern: value)), 2) }
  static func int8(_ value: Int8) -> [UInt8] { [0x0F, UInt8(bitPattern: value)] }
  static func enumeration(_ value: UInt8) -> [UInt8] { [0x16, value] }
  static func scaler(_ scaler: Int8, _ unit: UInt8) -> [UInt8] { structure([int8(scaler), enumeration(unit)]) }
  static func code(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8) -> [UInt8] {
    octets([a, b, c, d, e, 255])
  }

  /// The twelve bytes of a date-time.
  static func moment(
    _ year: UInt16, _ month: UInt8, _ day: UInt8, _ hour: UInt8, _ minute: UInt8, _ second: UInt8,
    deviation: Int16 = -60, status: UInt8 = 0
  ) -> [UInt8] {
    big(UInt64(year), 2) + [month, day, 0xFF, hour, minute, second, 0]
      + big(UInt64(UInt16(bitPattern: deviation)), 2) + [status]
  }

  static func length(_ count: Int) -> [UInt8] {
    switch count {
    case ..<0x80: [UInt8(count)]
    case ..<0x100: [0x81, UInt8(count)]
    default: [0x82] + big(UInt64(count), 2)
    }
  }

  static func big(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }
}

/// Builds what a meter pushes, up to the bytes on the line.
enum DLMSBuilder {
  static let moment = AXDR.moment(2022, 11, 20, 19, 3, 40)

  static func notification(time: [UInt8]? = moment, _ body: [UInt8]) -> [UInt8] {
    [0x0F, 0x80, 0x01, 0x23, 0x45] + (time.map { [0x0C] + $0 } ?? [0x00]) + body
  }

  /// The list of a Kaifa MA309M in Lower Austria.
  static func kaifa(power: UInt32 = 472, energy: UInt32 = 1_385_960, moment: [UInt8] = moment) -> [UInt8] {
    func register(_ c: UInt8, _ d: UInt8, _ value: [UInt8], _ scaler: Int8, _ unit: UInt8) -> [[UInt8]] {
      [AXDR.code(1, 0, c, d, 0), value, AXDR.scaler(scaler, unit)]
    }
    var elements = [AXDR.octets(moment)]
    elements += register(1, 8, AXDR.uint32(energy), 0, 30) + register(2, 8, AXDR.uint32(0), 0, 30)
    elements += register(1, 7, AXDR.uint32(power), 0, 27) + register(2, 7, AXDR.uint32(0), 0, 27)
    for (c, volts) in [(32, 2350), (52, 2343), (72, 2350)] as [(UInt8, UInt16)] {
      elements += register(c, 7, AXDR.uint16(volts), -1, 35)
    }
    for (c, amperes) in [(31, 172), (51, 17), (71, 99)] as [(UInt8, UInt16)] {
      elements += register(c, 7, AXDR.uint16(amperes), -2, 33)
    }
    elements += register(13, 7, AXDR.int16(823), -3, 255)
    elements.append(AXDR.text("123456789012"))
    return notification(time: moment, AXDR.structure(elements))
  }

  static let key = [UInt8](0..<16)
  static let authenticationKey = [UInt8](0xD0...0xDF)
  static let title: [UInt8] = [0x4B, 0x46, 0x4D, 0x65, 0x50, 0x12, 0x34, 0x56]

  /// General-glo-ciphering.
  static func seal(
    _ data: [UInt8], counter: UInt32, security: UInt8 = 0x20, key: [UInt8] = key,
    authenticationKey: [UInt8] = authenticationKey, title: [UInt8] = title, sendsTitle: Bool = true, tag: UInt8 = 0xDB
  ) -> [UInt8] {
    guard let cipher = TestCipher(key) else { return [] }
    let count = AXDR.big(UInt64(counter), 4)
    let isAuthenticated = security & 0x10 != 0
    let isEncrypted = security & 0x20 != 0
    let associated = isAuthenticated ? [security] + authenticationKey + (isEncrypted ? [] : data) : []
    let sealed = cipher.seal(title + count, associated, isEncrypted ? data : [])
    let text = isEncrypted ? sealed.text : data
    let content = [security] + count + text + (isAuthenticated ? sealed.tag : [])
    return [tag] + (sendsTitle ? [8] + title : [0]) + AXDR.length(content.count) + content
  }

  /// An enciphered telegram behind an identification in plain, as Polish meters send it: with DB as its mark or without,
  /// and with `!` and a checksum over all bytes or without.
  static func behindIdentification(
    _ text: [UInt8], counter: UInt32, security: UInt8 = 0x30, identification: String = "EGM5SAMPLE", mark: [UInt8] = [],
    hasChecksum: Bool = true
  ) -> [UInt8] {
    let sealed = seal(
      text, counter: counter, security: security, title: [UInt8](repeating: 0, count: 8), sendsTitle: false)
    let bytes = Array("/\(identification)\r\n\r\n".utf8) + mark + sealed.dropFirst()
    guard hasChecksum else { return bytes }
    return bytes + Array("!\(String(CRC16.arc((bytes + [0x21]).span), width: 4, radix: 16, uppercase: true))\r\n".utf8)
  }

  /// M-Bus frames with up to `size` bytes of data each.
  static func mbus(_ data: [UInt8], size: Int = 245) -> [[UInt8]] {
    pieces(data, size).enumerated().map { index, piece in
      let isLast = (index + 1) * size >= data.count
      let content = [0x53, 0xFF, UInt8(index) | (isLast ? 0x10 : 0), 0x01, 0x67] + piece
      let length = UInt8(truncatingIfNeeded: content.count)
      return [0x68, length, length, 0x68] + content + [content.reduce(0, &+), 0x16]
    }
  }

  /// HDLC frames with up to `size` bytes of information each; every piece is one frame, all but the last segmented.
  static func hdlc(_ data: [UInt8], size: Int = 1000) -> [[UInt8]] {
    let pieces = pieces([0xE6, 0xE7, 0x00] + data, size)
    return pieces.enumerated().map { index, piece in hdlcFrame(piece, isSegmented: index < pieces.count - 1) }
  }

  static func hdlcFrame(_ information: [UInt8], isSegmented: Bool = false) -> [UInt8] {
    let length = information.count + (information.isEmpty ? 7 : 9) + 1
    let format: [UInt8] = [0xA0 | (isSegmented ? 8 : 0) | UInt8(length >> 8), UInt8(length & 255)]
    var frame = format + [0xCF, 0x02, 0x23, 0x13]
    if !information.isEmpty { frame += crc(frame) + information }
    return [0x7E] + frame + crc(frame) + [0x7E]
  }

  static func crc(_ bytes: [UInt8]) -> [UInt8] {
    let crc = CRC16.x25(bytes.span)
    return [UInt8(crc & 255), UInt8(crc >> 8)]
  }

  static func wrapper(_ data: [UInt8]) -> [UInt8] { [0, 1, 0, 1, 0, 0x67] + AXDR.big(UInt64(data.count), 2) + data }

  /// Blocks of general block transfer.
  static func blocks(_ data: [UInt8], size: Int) -> [[UInt8]] {
    let pieces = pieces(data, size)
    return pieces.enumerated().map { index, piece in
      [0xE0, index == pieces.count - 1 ? 0xC0 : 0x40] + AXDR.big(UInt64(index + 1), 2) + [0, 0]
        + AXDR.length(piece.count) + piece
    }
  }

  private static func pieces(_ data: [UInt8], _ size: Int) -> [[UInt8]] {
    stride(from: 0, to: data.count, by: size).map { Array(data[$0..<min($0 + size, data.count)]) }
  }
}
