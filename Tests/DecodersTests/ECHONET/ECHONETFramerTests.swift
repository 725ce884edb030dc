import Testing

@testable import Decoders

private let power = ECHONETBuilder.frame(0xE7, [0, 0, 1, 0xF4])

@Suite struct ECHONETFramerTests {
  @Test("bytes that are not a frame are rejected, and the next frame is found") func noise() {
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

  @Test("the authentication of modules is never handed out") func authentication() {
    let secret = Array("SM00000000000000000000000000000001".utf8)
    for text in [true, false] {
      let data = text ? Array(Hexadecimal.text([0] + secret).utf8) : [0] + secret
      let head = Array(ECHONETBuilder.datagram("0 0 ", port: "02CC", [0] + secret).utf8)
      #expect(frames(ECHONETFramer(), head + data + [0x0D, 0x0A]) == [])
      for cut in 1...4 {
        let out = frames(ECHONETFramer(), head + data.dropLast(cut) + [0x0D, 0x0A])
        let bytes = String(decoding: out.flatMap(\.bytes), as: UTF8.self)
        #expect(!bytes.contains("0000000000") && !bytes.contains("303030303030"))
      }
    }
  }
}
