import Base
import Testing

@testable import Decoders

@Suite struct SMLFramerTests {
  private static let good = SMLBuilder.file(SMLBuilder.values([SMLBuilder.total]))

  private static func codes(_ framed: [Framed]) -> [String] {
    framed.map { if case .rejected(_, let error) = $0 { error.code.name } else { "frame" } }
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    /// Of the rejected piece.
    var code: String
    var testDescription: String { name }
  }

  private static var damages: [Damage] {
    let half = Array(good.prefix(50))
    let escape: [UInt8] = [0x1B, 0x1B, 0x1B, 0x1B]
    return [
      Damage(name: "half a file", bytes: half, code: "truncated"),
      Damage(name: "a mark of version 2 in a file", bytes: half + escape + [3, 0, 0, 9], code: "bad_frame"),
      Damage(name: "an unknown mark in a file", bytes: half + escape + [5, 0, 0, 0], code: "bad_frame"),
      Damage(name: "a file of version 2", bytes: escape + [2, 2, 2, 2] + half.dropFirst(8), code: "unsupported"),
      Damage(name: "a wrong CRC", bytes: good.dropLast() + [good[good.count - 1] ^ 1], code: "checksum_mismatch"),
      Damage(
        name: "a CRC in the wrong order", bytes: good.dropLast(2) + good.suffix(2).reversed(), code: "checksum_mismatch"
      ),
      Damage(
        name: "more fill bytes than there can be",
        bytes: SMLBuilder.file(SMLBuilder.values([SMLBuilder.total]), fill: 4),
        code: "bad_frame"),
      Damage(name: "sunlight", bytes: [UInt8](repeating: 0xFF, count: 90) + [0, 0, 0x1B, 0x1B, 0x1B], code: "noise"),
    ]
  }

  @Test("a damaged file is one piece, and the good one behind it counts", arguments: damages)
  private func damaged(_ damage: Damage) {
    for piece in [Int.max, 1, 7] {
      let framed = frames(SMLFramer(), damage.bytes + Self.good, piece: piece)
      #expect(Self.codes(framed) == [damage.code, "frame"], "in pieces of \(piece)")
      #expect(framed.flatMap(\.bytes) == damage.bytes + Self.good)
    }
  }

  @Test("a file without an end does not take more than its limit")
  func endless() {
    var framer = SMLFramer()
    framer.append((Array(Self.good.prefix(40)) + [UInt8](repeating: 0x55, count: 9000)).span)
    guard case .rejected(let piece, let error)? = framer.next() else {
      Issue.record("not rejected")
      return
    }
    #expect(error.code == .tooLong && piece.count == SMLFramer.limit)
  }

  @Test("KERMIT counts for a meter that never sent the CRC of the standard, and for no other")
  func kermit() {
    let kermit = SMLBuilder.file(SMLBuilder.values([SMLBuilder.total], .kermit), checksum: .kermit)
    #expect(Self.codes(frames(SMLFramer(), kermit + kermit)) == ["frame", "frame"])
    #expect(Self.codes(frames(SMLFramer(), kermit + Self.good + kermit)) == ["frame", "frame", "checksum_mismatch"])
    #expect(SMLBuilder.lines(kermit) == ["energy_import: 12.3456 kWh"])
    // Messages with either CRC.
    let mixed = SMLBuilder.file(SMLBuilder.values([SMLBuilder.total], .kermit))
    #expect(SMLBuilder.lines(mixed) == ["energy_import: 12.3456 kWh"])
    // A file that only KERMIT vouches for needs good messages too.
    var damaged = SMLBuilder.values([SMLBuilder.total], .kermit)
    damaged[24] ^= 1
    #expect(SMLBuilder.lines(SMLBuilder.file(damaged, checksum: .kermit)) == ["error: checksum_mismatch"])
  }

  @Test("nine bytes 1B in a row are one escape and a byte")
  func nine() {
    let key = SMLBuilder.entry([129, 129, 199, 130, 5, 255], SMLBuilder.octets([UInt8](repeating: 0x1B, count: 9)))
    let plain = SMLBuilder.values([SMLBuilder.total, key])
    let place = plain.indices.first { plain[$0...].starts(with: [0x1B, 0x1B, 0x1B, 0x1B]) } ?? 0
    let escape = [UInt8](repeating: 0x1B, count: 4)
    let wire = SMLBuilder.file(
      plain[..<place] + escape + escape + escape + escape + plain[(place + 8)...].map { $0 })
    let content = SMLBuilder.decoded(wire).telegrams.first?.content as? SMLContent
    #expect(content?.records.last?.content == .octets(ByteRange(from: 8 + place, to: 8 + place + 9)))
  }

  @Test("text on the line is named: P1, or D0")
  func text() {
    func errors(_ bytes: [UInt8]) -> [String] {
      frames(SMLFramer(), bytes).compactMap { if case .rejected(_, let error) = $0 { error.description } else { nil } }
    }
    let push = D0Builder.unchecked(["1-0:1.8.0*255(1*kWh)"])
    #expect(errors(push) == ["a D0 readout; configure protocol: d0"])
    #expect(errors(P1Builder.bytes(["1-0:1.8.0(1*kWh)"])) == ["a P1 telegram; configure protocol: p1"])
  }

  @Test("a start mark anywhere is recognised")
  func recognition() {
    #expect(SMLFramer.recognise(Self.good.span) == .telegram(at: 0))
    #expect(SMLFramer.recognise(([1, 0x1B, 0x1B] + Self.good).span) == .telegram(at: 3))
    #expect(SMLFramer.recognise(Array(Self.good.dropFirst(4)).span) == nil)
  }

  /// Bits, bytes, lost and doubled ones. Whatever the CRC of the file lets through is the same reading.
  @Test("ten thousand mutations give no other reading")
  func mutations() {
    let samples = Sample.all(of: .sml)
    var random = SplitMix64(seed: 20)
    for round in 0..<10_000 {
      let sample = samples[round % samples.count]
      var bytes = sample.bytes
      for _ in 0...Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(0x1B, at: place)
        case 3: bytes.replaceSubrange(place..<min(place + 4, bytes.count), with: [0x1B, 0x1B, 0x1B, 0x1B])
        default: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        }
      }
      let decoded = SMLBuilder.decoded(bytes)
      #expect(decoded.framed.flatMap(\.bytes) == bytes)
      guard bytes != sample.bytes, !decoded.readings.isEmpty else { continue }
      let whole = sample.decoded(sample.bytes).readings
      #expect(decoded.readings.allSatisfy { [$0] == whole }, "round \(round), \(sample.name)")
    }
  }
}
