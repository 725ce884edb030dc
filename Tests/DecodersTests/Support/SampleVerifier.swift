import Testing

@testable import Decoders

extension Sample {
  /// What vouches for the bytes on the line.
  enum Check {
    case none
    /// A check value of the frame. Behind damage the next frame is found.
    case frame
    /// A tag or a checksum within the cipher.
    case content
  }

  var check: Check {
    switch meterProtocol {
    case .mbus, .sml: return .frame
    case .p1:
      if settings.key != nil { return .content }
      // `!` and four digits before the line end.
      return bytes.suffix(6).first == UInt8(ascii: "!") ? .frame : .none
    case .dlms:
      if settings.ignoresChecksums { return .none }
      if bytes.first == 0x68 || bytes.first == 0x7E { return .frame }
      return settings.authenticationKey == nil ? .none : .content
    case .echonet: return .none
    case .d0: return bytes.contains { $0 & 0x7F == 0x03 } ? .frame : .none
    // In format B damage looks like a frame without check values.
    case .wmbus: return name == "format-b" ? .none : .frame
    }
  }

  /// Whether the check value covers a byte: BCC leaves out the identification.
  private func isCovered(_ index: Int) -> Bool {
    meterProtocol != .d0 || index > bytes.firstIndex { $0 & 0x7F == 0x02 } ?? 0
  }

  /// What the framer drops of a stream: line ends between P1 telegrams, flags between HDLC frames. Nil where it drops
  /// whole lines.
  private func fill(of stream: [UInt8]) -> Set<UInt8>? {
    switch meterProtocol {
    case .mbus, .sml, .wmbus: []
    case .p1, .d0: [0x0D, 0x0A]
    case .dlms: [0x7E]
    case .echonet: stream.first == 0x10 ? [] : nil
    }
  }

  /// The one frame that its bytes are.
  var frame: [UInt8] { goodFrames(frames(framer, bytes)).first ?? [] }

  /// Samples that can come over the same line. DLMS without link frames begins only behind its like.
  private var neighbours: [Sample] {
    func line(_ sample: Sample) -> UInt8? {
      let first = sample.bytes.first
      return sample.meterProtocol != .dlms || first == 0x68 || first == 0x7E ? first : nil
    }
    return Sample.all(of: meterProtocol).filter {
      line($0) == line(self) && $0.settings.ignoresChecksums == settings.ignoresChecksums
    }
  }
}

// MARK: - Whole and in pieces

extension Sample {
  /// Whole, a byte at a time, in threes: the same frame and the same telegram.
  func verifyPieces() {
    let frame = frame
    let whole = decoded(bytes)
    #expect(whole.errors == [] && whole.telegrams.count == 1)
    for piece in [.max, 1, 3] {
      let again = decoded(bytes, piece: piece)
      #expect(again.framed == [.frame(frame)], "in pieces of \(piece)")
      #expect(again.readings == whole.readings, "in pieces of \(piece)")
    }
  }

  /// Glued to itself and to the next sample; where a check value vouches for it, also between noise and behind a cut one.
  func verifyNeighbours() {
    let frame = frame
    let neighbours = neighbours
    let index = neighbours.firstIndex { $0.name == name } ?? 0
    let next = neighbours.isEmpty ? self : neighbours[(index + 1) % neighbours.count]
    for piece in [.max, 1, 3] {
      let glued = frames(framer, bytes + next.bytes + bytes + bytes, piece: piece)
      #expect(glued == [frame, next.frame, frame, frame].map { .frame($0) }, "in pieces of \(piece)")
    }
    guard check == .frame else { return }
    let noisy: [UInt8] = [0x00, 0x68, 0x10] + bytes + [0xFF, 0x68]
    for stream in [noisy, Array(bytes.dropLast(3)) + bytes] {
      let out = frames(framer, stream)
      #expect(goodFrames(out) == [frame])
      verifyNothingLost(out, stream)
    }
  }
}

// MARK: - Damaged

extension Sample {
  /// Cut at every length: nothing, an error, or the same telegram where no more than its line end is missing.
  func verifyCuts() {
    let whole = decoded(bytes).readings
    for length in bytes.indices {
      let cut = Array(bytes.prefix(length))
      let decoded = decoded(cut)
      verifyNothingLost(decoded.framed, cut)
      verifyBounds(decoded, cut)
      if !decoded.readings.allSatisfy({ [$0] == whole }) { Issue.record("another telegram, cut at \(length)") }
    }
  }

  /// Every byte flipped: an error or the same telegram where a check value covers it, and anything but a trap elsewhere.
  ///
  /// - Parameter masks: the flips that each byte takes, by its index.
  func verifyFlips(_ masks: (Int) -> [UInt8] = { _ in [0x01, 0x10, 0x20, 0x80, 0xFF] }) {
    let whole = decoded(bytes).readings
    let frame = frame
    for index in bytes.indices {
      for mask in masks(index) {
        var flipped = bytes
        flipped[index] ^= mask
        let decoded = decoded(flipped)
        verifyNothingLost(decoded.framed, flipped)
        verifyBounds(decoded, flipped)
        guard check != .none, isCovered(index) else { continue }
        if !decoded.readings.allSatisfy({ [$0] == whole }) { Issue.record("another telegram, byte \(index) ^ \(mask)") }
        if decoded.readings.isEmpty && decoded.errors.isEmpty { Issue.record("no error, byte \(index) ^ \(mask)") }
        if check == .frame, goodFrames(frames(framer, flipped + bytes)).last != frame {
          Issue.record("the next one is lost, byte \(index) ^ \(mask)")
        }
      }
    }
  }

  /// Past the check value everything is possible: nothing traps, and no two fields of a reading share a topic.
  ///
  /// - Parameter values: what each byte becomes.
  func verifyContent(_ values: (UInt8) -> [UInt8] = { [0x00, 0x0F, 0x7F, 0x80, 0xFC, 0xFF, $0 ^ 0x10] }) {
    for index in bytes.indices {
      for value in values(bytes[index]) {
        var changed = bytes
        changed[index] = value
        let decoded = decodedUnchecked(changed)
        verifyBounds(decoded, changed)
        for reading in decoded.readings.joined() {
          let levels = reading.fields.map(reading.topicLevel)
          if Set(levels).count != levels.count { Issue.record("two fields of one name, byte \(index) as \(value)") }
        }
      }
    }
  }

  /// Decodes bytes as if their check value were right.
  private func decodedUnchecked(_ bytes: [UInt8]) -> Decoded {
    switch meterProtocol {
    case .mbus: decoded(MBusBuilder.resealed(bytes))
    case .p1 where check == .frame: decoded(P1Builder.resealed(bytes))
    case .dlms: decodeAll(frames(DLMSFramer(ignoresChecksums: true), bytes), decoder)
    case .sml: decoded(SMLBuilder.resealed(bytes))
    case .d0 where check == .frame: decoded(D0Builder.resealed(bytes))
    case .wmbus where check == .frame: decoded(WirelessBuilder.resealed(bytes))
    case .p1, .echonet, .d0, .wmbus: decoded(bytes)
    }
  }
}

// MARK: - What holds for any bytes

extension Sample {
  /// Every byte comes out once, but for what fills the time between frames. Noise overtakes the segments of a telegram
  /// that waits for more.
  private func verifyNothingLost(_ framed: [Framed], _ bytes: [UInt8]) {
    guard let fill = fill(of: bytes) else { return }
    // A readout comes out without its parity bits.
    let mask: UInt8 = meterProtocol == .d0 ? 0x7F : 0xFF
    let out = framed.flatMap(\.bytes).map { $0 & mask }
    let bytes = bytes.map { $0 & mask }
    if out == bytes { return }
    if out.filter({ !fill.contains($0) }).sorted() != bytes.filter({ !fill.contains($0) }).sorted() {
      Issue.record("bytes lost or doubled: \(Hexadecimal.text(bytes))")
    }
  }

  /// No telegram grows beyond what its bytes can say: a field takes at least a byte.
  private func verifyBounds(_ decoded: Decoded, _ bytes: [UInt8]) {
    let fields = decoded.readings.joined().reduce(0) { $0 + $1.fields.count }
    let texts = decoded.readings.joined().reduce(0) { $0 + $1.text.count }
    if fields > bytes.count || texts > 16 * bytes.count {
      Issue.record("\(fields) fields and \(texts) bytes of text of \(Hexadecimal.text(bytes))")
    }
  }
}
