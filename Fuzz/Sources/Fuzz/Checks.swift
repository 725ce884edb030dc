import Decoders

/// Lets the cipher be the text, so that mutations reach the grammar behind it; a tag with an odd first byte does not fit.
let openCipher = DLMSCipher(authenticationKey: [UInt8](repeating: 0, count: 16)) { _, _, tag, _ in
  tag.count == 0 || tag[0] & 1 == 0
}

let openSettings = {
  var settings = DLMSDecoder.Configuration()
  settings.cipher = openCipher
  settings.systemTitle = SystemTitle(0x4B46_4D65_5012_3456)
  return settings
}()

/// The decoder of wireless M-Bus without a key.
var wirelessDecoder: any MeterDecoder {
  ProtocolDescription.wmbus.decoder(
    MeterSettings(id: "meter", meterProtocol: .wmbus, source: .standardInput, sourceText: "-"))
}

/// Control field, maker, number, version and medium of meters whose telegrams are read in different ways.
let wirelessHeads: [[UInt8]] = [
  [0x44, 0x35, 0x06, 0x33, 0x22, 0x11, 0x70, 0x21, 0x07], [0x44, 0x2D, 0x2C, 0x99, 0x88, 0x77, 0x70, 0x1B, 0x16],
  [0x44, 0xA5, 0x11, 0x78, 0x07, 0x56, 0x34, 0x12, 0x70], [0x44, 0x68, 0x50, 0x37, 0x32, 0x31, 0x70, 0x94, 0x80],
  [0x44, 0x01, 0x06, 0x20, 0x20, 0x20, 0x70, 0x05, 0x07], [0x44, 0x93, 0x44, 0x30, 0x30, 0x30, 0x70, 0x35, 0x06],
]

/// Cuts an input into frames, whole and in pieces, and decodes the frames.
///
/// Traps where the pieces change what comes out, or where a byte is lost or comes twice.
///
/// - Parameters:
///   - input: what comes off the line.
///   - framer: a fresh one.
///   - decoder: a fresh one.
///   - filler: bytes that the framer may drop between frames.
///   - holds: the framer holds segments back, so that noise between them comes out before them.
func run(
  _ input: [UInt8], _ framer: some Framer, _ decoder: some MeterDecoder, filler: Set<UInt8>, holds: Bool = false
) {
  let whole = framed(input, framer, piece: max(1, input.count))
  let pieces = framed(input, framer, piece: 1 + input.count % 16)
  precondition(frames(whole) == frames(pieces), "other pieces, other frames")
  for outcome in [whole, pieces] {
    let out = outcome.flatMap(bytes).filter { !filler.contains($0) }
    let there = input.filter { !filler.contains($0) }
    precondition(holds ? out.sorted() == there.sorted() : out == there, "bytes are lost, doubled or moved")
  }
  decode(frames(whole), decoder)
  // Silence may change what is a frame, but loses no byte either, and what waits stays bounded.
  let silent = framed(input, framer, piece: 1 + input.count % 32, isSilent: true)
  let out = silent.flatMap(bytes).filter { !filler.contains($0) }
  precondition(out.sorted() == input.filter { !filler.contains($0) }.sorted(), "silence loses or doubles bytes")
  decode(frames(silent), decoder)
}

/// Decodes frames and checks all results.
func decode(_ frames: [[UInt8]], _ decoder: some MeterDecoder) {
  var decoder = decoder
  var telegrams: [Telegram] = []
  for frame in frames {
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { look(error) }
  }
  do throws(DecodeError) { try decoder.finish(into: &telegrams) } catch { look(error) }
  for telegram in telegrams { look(telegram) }
}

/// An SML file of these bytes between its marks, with the right CRC.
func smlFile(_ messages: [UInt8]) -> [UInt8] {
  let fill = (4 - messages.count % 4) % 4
  let file: [UInt8] =
    [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1] + messages + [UInt8](repeating: 0, count: fill)
    + [0x1B, 0x1B, 0x1B, 0x1B, 0x1A, UInt8(fill)]
  let checksum = CRC16.x25(file.span)
  return file + [UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8)]
}

/// A long frame around these bytes, with the right lengths and the right checksum.
func longFrame(_ content: [UInt8]) -> [UInt8] {
  let count = UInt8(truncatingIfNeeded: content.count)
  return [0x68, count, count, 0x68] + content + [content.reduce(0, &+), 0x16]
}

/// Feeds a framer. With `isSilent` the line pauses behind some pieces; their last byte says for how long.
func framed(_ input: [UInt8], _ framer: some Framer, piece: Int, isSilent: Bool = false) -> [Framed] {
  var framer = framer
  var all: [Framed] = []
  for start in stride(from: 0, to: input.count, by: piece) {
    let part = Array(input[start..<min(input.count, start + piece)])
    framer.append(part.span)
    while let next = framer.next() { all.append(next) }
    guard isSilent, let last = part.last else { continue }
    switch last & 7 {
    case 0, 1: framer.pause()
    case 2, 3: framer.quiet()
    case 4: framer.finish()
    default: continue
    }
    while let next = framer.next() { all.append(next) }
    precondition(last & 7 != 4 || !framer.isWaiting, "something waits behind the end")
  }
  framer.finish()
  while let next = framer.next() { all.append(next) }
  return all
}

func frames(_ all: [Framed]) -> [[UInt8]] {
  all.compactMap { if case .frame(let bytes) = $0 { bytes } else { nil } }
}

private func bytes(_ framed: Framed) -> [UInt8] {
  switch framed {
  case .frame(let bytes), .rejected(let bytes, _): bytes
  }
}

private func look(_ error: DecodeError) { precondition(!error.description.isEmpty, "an error without words") }

/// Writes a telegram as the bridge does: places must lie in their bytes, numbers must print.
private func look(_ telegram: Telegram) {
  for error in telegram.issues { look(error) }
  for reading in telegram.readings {
    var count = (reading.meterNumber ?? "").utf8.count + (reading.modelName ?? "").utf8.count
    count += reading.time?.description.utf8.count ?? 0
    for field in reading.fields {
      count += reading.topicLevel(field).utf8.count
      switch field.value {
      case .number(let number): count += number.description.utf8.count
      case .time(let time): count += time.description.utf8.count
      case .text(let place): count += reading.string(place).utf8.count
      case .absent(let reason): count += reason.name.utf8.count
      }
    }
    precondition(count < 1 << 24, "a telegram of endless text")
  }
  if let content = telegram.content as? DLMSContent {
    for record in content.records { precondition((record.number?.description ?? "0").isEmpty == false) }
  }
}
