import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// Reads a dongle's bytes whole and in pieces, and plays them to a session.
func checkSKSTACK(_ input: [UInt8]) {
  precondition(read(input, piece: max(1, input.count)) == read(input, piece: 1 + input.count % 16), "other pieces")
  var play = SKSTACKPlay(isSided: input.first != 0x61, isKnown: input.first == 0x63)
  play.run(input)
}

private func read(_ input: [UInt8], piece: Int) -> [SKSTACKReader.Piece] {
  var reader = SKSTACKReader()
  var all: [SKSTACKReader.Piece] = []
  for start in stride(from: 0, to: input.count, by: piece) {
    reader.append(input[start..<min(input.count, start + piece)].span)
    while let next = reader.next() { all.append(next) }
  }
  reader.finish()
  while let next = reader.next() { all.append(next) }
  return all
}

/// Plays an input: bytes that the dongle writes, and other events after `~`.
///
/// - `~t`: the next deadline comes; `~sN`: N seconds go by; `~hN`: N × 10 minutes go by.
/// - `~a`: the dongle answers correctly; `~A`: it does so for a while.
/// - `~rN…`: it answers the last request with N bytes; `~eN…`: with a datagram of N bytes.
/// - `~xB`: a damaged byte; `~zB`: 5000 bytes; `~m`: from here on several lines come at once.
/// - `~p`: values are wanted now; `~c`: the port is closed and opened; `~l`: the session ends.
/// - `~~`: a tilde.
///
/// After any input, a dongle and a meter that answer lead to a reading.
private struct SKSTACKPlay {
  private var session: SKSTACKSession
  private let dongle: Dongle
  private var now = Instant(milliseconds: 1_000_000)
  /// Sent commands without an answer.
  private var sent: [[UInt8]] = []
  private var piece: [UInt8] = []
  /// Bytes since the last request.
  private var heard: [UInt8] = []
  private var lastRequest: (transaction: UInt16, at: Instant)?
  private var readouts = 0
  private var isWhole = false

  init(isSided: Bool, isKnown: Bool) {
    dongle = Dongle(isSided: isSided)
    session = SKSTACKSession(
      .init(
        credentials: SKSTACKCredentials(
          identifier: Secret(Dongle.identifier), password: Secret(Dongle.password)),
        network: isKnown ? Dongle.network : nil, seed: 1))
    session.opened(now: now)
    look()
  }

  mutating func run(_ input: [UInt8]) {
    var index = 0
    func argument() -> UInt8 {
      defer { index += 1 }
      return index < input.count ? input[index] : 0
    }
    while index < input.count {
      let byte = argument()
      guard byte == 0x7E else {
        write(byte)
        continue
      }
      let word = argument()
      if word == 0x7E {
        write(byte)
        continue
      }
      feed()
      switch word {
      case 0x74: tick(at: session.deadline ?? now)
      case 0x73: pass(.seconds(Int64(argument())))
      case 0x68: pass(.minutes(Int64(argument()) * 10))
      case 0x61: answer()
      case 0x41: for _ in 0..<60 { goOn() }
      case 0x72, 0x65:
        let count = min(Int(argument()), input.count - min(index, input.count))
        let data = Array(input[min(index, input.count)...].prefix(count))
        index += count
        reply(data, isAnswer: word == 0x72)
      case 0x78: take(LineInput(bytes: [argument()], damaged: [0]))
      case 0x7A: take(LineInput(bytes: [UInt8](repeating: argument(), count: 5000)))
      case 0x70:
        _ = session.poll(meter: 0, now: now)
        look()
      case 0x63: reopen()
      case 0x6C: return leave()
      case 0x6D: isWhole = true
      default: continue
      }
    }
    feed()
    come()
  }

  // MARK: Events

  private mutating func write(_ byte: UInt8) {
    piece.append(byte)
    if !isWhole, byte == 0x0D || byte == 0x0A { feed() }
  }

  private mutating func feed() {
    let bytes = piece
    piece = []
    if !bytes.isEmpty { take(LineInput(bytes: bytes)) }
  }

  private mutating func take(_ input: LineInput) {
    heard += input.bytes
    session.received(input, now: now)
    look()
  }

  private mutating func tick(at time: Instant) {
    now = max(now, time)
    session.tick(now: now)
    look()
    // A deadline that stays in the past would keep the whole program busy.
    for round in 0... {
      guard let deadline = session.deadline, deadline <= now else { break }
      precondition(round < 8, "it stands still")
      session.tick(now: now)
      look()
    }
  }

  private mutating func pass(_ time: Milliseconds) {
    let end = now + time
    for _ in 0..<200 {
      guard let deadline = session.deadline, deadline <= end else { break }
      tick(at: deadline)
    }
    tick(at: end)
  }

  private mutating func answer() {
    guard !sent.isEmpty else { return }
    for line in dongle.answer(sent.removeFirst()).split(separator: 0x0A) { take(LineInput(bytes: line + [0x0A])) }
  }

  private mutating func goOn() {
    if sent.isEmpty { tick(at: session.deadline ?? now) } else { answer() }
  }

  private mutating func reply(_ data: [UInt8], isAnswer: Bool) {
    let head = isAnswer ? Dongle.answerHead(lastRequest?.transaction ?? 0, service: 0x72) : []
    take(LineInput(bytes: dongle.received(head + data)))
  }

  private mutating func reopen() {
    session.closed(now: now)
    look()
    session.opened(now: now)
    sent = []
    lastRequest = nil
    look()
  }

  private mutating func leave() {
    session.leave(now: now)
    look()
    let end = now + .seconds(30)
    while !session.hasLeft {
      guard let deadline = session.deadline, deadline <= end else { preconditionFailure("it never leaves") }
      tick(at: deadline)
    }
  }

  /// From here on dongle and meter work as they should.
  private mutating func come() {
    if session.phase.isClosed { session.opened(now: now) }
    sent = []
    let before = readouts
    let end = now + .minutes(5 * 60)
    var steps = 0
    while readouts == before {
      goOn()
      steps += 1
      precondition(now < end && steps < 20_000, "it never comes back")
    }
  }

  // MARK: What comes out

  private mutating func look() {
    var isToOpen = false
    for output in session.takeOutputs() {
      switch output {
      case .send(let bytes): look(atSent: bytes)
      case .rejected(_, let bytes, let error):
        requireNoSecret(bytes)
        requireNoSecret(Array(error.description.utf8))
      case .readout(let meter, let frames):
        readouts += 1
        precondition(meter == 0 && frames.allSatisfy { (try? ECHONETFrame($0.span)) != nil })
      case .news(.trouble(_, let trouble)): requireNoSecret(Array(trouble.description.utf8))
      case .news(.progress(let text)): requireNoSecret(Array(text.utf8))
      case .news, .noAnswer, .tune: break
      case .reopen(let reason):
        requireNoSecret(Array(reason.utf8))
        isToOpen = true
      }
    }
    lookInside()
    if isToOpen { reopen() }
  }

  private mutating func look(atSent bytes: [UInt8]) {
    let words = ["SKSETPWD C \(Dongle.password)\r\n", "SKSETRBID \(Dongle.identifier)\r\n"]
    if !words.contains(where: { bytes.elementsEqual($0.utf8) }) { requireNoSecret(bytes) }
    for word in ["WOPT", "WUART", "SKSAVE", "SKERASE"] {
      precondition(!bytes.starts(with: word.utf8), "something goes to the flash memory")
    }
    precondition(bytes.count < 2048, "more than a module takes")
    sent = sent.suffix(3) + [bytes]
    guard let frame = Dongle.datagram(bytes)?.frame, let request = try? ECHONETFrame(frame.span),
      request.service == .get
    else { return }
    if let lastRequest, lastRequest.transaction != request.transaction, !isWhole, !heardOfTheSession {
      precondition(now - lastRequest.at >= SKSTACKPolls.spacing, "requests without a pause")
    }
    lastRequest = (request.transaction, now)
    heard = []
  }

  /// Whether a module has said since the last request that something began or ended.
  private var heardOfTheSession: Bool {
    let event = Array("EVENT ".utf8)
    return heard.indices.contains {
      heard[$0...].starts(with: event) && !heard[$0...].starts(with: event + [0x32, 0x31])
    }
  }

  private mutating func lookInside() {
    if case .configuring(let steps) = session.phase { precondition(steps.rest.count <= 8, "steps grow") }
    let lists = Mirror(reflecting: session.notifications).children.compactMap { ($0.value as? [[UInt8]])?.count }
    precondition(lists.count >= 2 && lists.allSatisfy { $0 <= 4 }, "notifications pile up")
    if session.running == nil { lastRequest = nil }
    if !session.hasLeft { precondition(session.deadline != nil, "nothing will ever happen again") }
    let kept = Mirror(reflecting: session.reader).children.compactMap { ($0.value as? [UInt8])?.count }
    precondition(kept.reduce(0, +) < 12_000, "bytes pile up")
  }

  /// Six characters of the id or the password, as they are or in hexadecimal.
  private func requireNoSecret(_ bytes: [UInt8]) {
    for start in bytes.indices {
      for part in Self.parts[Int(bytes[start])] { precondition(!bytes[start...].starts(with: part), "a secret") }
    }
  }

  /// By their first byte.
  private static let parts = {
    var parts = [[[UInt8]]](repeating: [], count: 256)
    func add(_ part: [UInt8]) { parts[Int(part[0])].append(part) }
    for secret in [Array(Dongle.identifier.utf8), Array(Dongle.password.utf8)] {
      for start in 0...(secret.count - 6) {
        let part = Array(secret[start..<start + 6])
        add(part)
        add(Array(String(decoding: part, as: UTF8.self).lowercased().utf8))
        add(Array(Hexadecimal.text(part).utf8))
        add(Array(Hexadecimal.text(part).lowercased().utf8))
      }
    }
    return parts
  }()
}
