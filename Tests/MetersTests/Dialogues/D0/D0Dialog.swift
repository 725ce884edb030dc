import Decoders

@testable import Base
@testable import Meters

/// A scripted meter at an optical head, with a line whose speed counts: what is sent at another one is rubbish.
struct D0Dialog {
  struct Answer {
    var after: Int64
    var baud: Int
    var bytes: [UInt8]
    /// Eight bits without parity, where meters send seven with it.
    var isEightBit = false
  }

  struct Step {
    /// What the host must send; nil where it only listens.
    var request: [UInt8]?
    /// The request may have more NULs before it.
    var isMinimum = false
    var baud = 300
    var notBefore: Int64?
    var notAfter: Int64?
    var answers: [Answer] = []
  }

  var steps: [Step]
  var session: D0Session

  private(set) var now = Instant(milliseconds: 1000)
  private(set) var telegrams: [[UInt8]] = []
  private(set) var errors: [String] = []
  private(set) var rejected: [UInt8] = []
  private(set) var failures = 0
  private(set) var reopens = 0
  private(set) var news: [DialogueNews] = []
  /// Speeds that the host has ordered.
  private(set) var lineChanges: [Int] = []
  /// All that was sent, and when.
  private(set) var sent: [(at: Instant, bytes: [UInt8])] = []
  /// What did not go as the script says.
  private(set) var mistakes: [String] = []

  private var line: LineSettings
  private var step = 0
  private var pending: [UInt8] = []
  private var lineFree = Instant(milliseconds: 0)
  private var lastByte: Instant?
  private var incoming: [(at: Instant, answer: Answer)] = []
  private var tuning: LineSettings?

  init(_ steps: [Step], _ session: D0Session) {
    self.steps = steps
    self.session = session
    line = session.settings.line
  }

  /// Plays the script and the time behind it.
  mutating func run(until end: Int64 = 60_000) {
    session.opened(now: now)
    listenIfScripted()
    carryOut()
    let end = now + Milliseconds(end)
    while now < end {
      let next = [session.deadline, incoming.first?.at, tuning.map { _ in lineFree }].compactMap(\.self).min() ?? end
      now = max(now, min(next, end))
      if let wanted = tuning, now >= lineFree {
        tuning = nil
        line = wanted
        session.tuned(true, now: now)
      } else if let first = incoming.first, now >= first.at {
        incoming.removeFirst()
        deliver(first.answer)
      } else {
        session.tick(now: now)
      }
      carryOut()
    }
    session.closed(now: now)
    carryOut()
    if step < steps.count { mistakes.append("step \(step + 1) was never sent") }
  }

  private mutating func deliver(_ answer: Answer) {
    lastByte = now
    if answer.baud == line.baud { return session.received(seen(answer), now: now) }
    // A slow byte is several fast ones, and a fast one none or a part of a slow one.
    let count = max(1, answer.bytes.count * line.baud / answer.baud)
    let rubbish = [UInt8](repeating: 0xF0, count: min(count, 4000))
    session.received(LineInput(bytes: rubbish, damaged: Array(rubbish.indices)), now: now)
  }

  /// The bytes as a port with the settings of the host has them.
  private func seen(_ answer: Answer) -> LineInput {
    let isEightBit = line.dataBits == 8 && line.parity == .none
    switch (isEightBit, answer.isEightBit) {
    case (false, false), (true, true): return LineInput(bytes: answer.bytes)
    case (true, false): return LineInput(bytes: D0Request.withParity(answer.bytes))
    case (false, true):
      let damaged = answer.bytes.indices.filter { answer.bytes[$0].nonzeroBitCount % 2 != 0 }
      return LineInput(bytes: answer.bytes, damaged: damaged)
    }
  }

  private mutating func carryOut() {
    for output in session.takeOutputs() {
      switch output {
      case .send(let bytes): send(bytes)
      case .tune(let wanted):
        lineChanges.append(wanted.baud)
        tuning = wanted
        lineFree = max(lineFree, now)
      case .readout(_, let frames): telegrams += frames
      case .rejected(_, let bytes, let error):
        errors.append(error.code.name)
        rejected += bytes
      case .noAnswer: failures += 1
      case .news(let told): news.append(told)
      case .reopen: reopens += 1
      }
    }
  }

  private mutating func listenIfScripted() {
    guard step < steps.count, steps[step].request == nil else { return }
    answer(from: now)
  }

  private mutating func send(_ bytes: [UInt8]) {
    sent.append((now, bytes))
    lineFree = max(lineFree, now) + D0Timing.transmission(bytes.count, baud: line.baud)
    guard step < steps.count, let request = steps[step].request else {
      return mistakes.append("unexpected: \(Hexadecimal.text(bytes))")
    }
    pending += bytes
    let isWhole =
      pending == request
      || steps[step].isMinimum && pending.count >= request.count && pending.suffix(5) == request.suffix(5)
    guard isWhole else { return }
    if line.baud != steps[step].baud { mistakes.append("step \(step + 1) is sent at \(line.baud)") }
    if let lastByte {
      let pause = (now - lastByte).count
      if let least = steps[step].notBefore, pause < least { mistakes.append("step \(step + 1) after \(pause) ms") }
      if let most = steps[step].notAfter, pause > most { mistakes.append("step \(step + 1) after \(pause) ms") }
    }
    pending = []
    answer(from: lineFree)
  }

  private mutating func answer(from start: Instant) {
    var time = start
    for (index, answer) in steps[step].answers.enumerated() {
      time = time + Milliseconds(answer.after)
      // What comes at once is the echo, which comes while the request is sent.
      guard index > 0 || answer.after > 0 else {
        incoming.append((time, answer))
        continue
      }
      var rest = answer.bytes[...]
      while !rest.isEmpty {
        let piece = Array(rest.prefix(16))
        rest = rest.dropFirst(16)
        time = time + D0Timing.transmission(piece.count, baud: answer.baud)
        incoming.append(
          (time, Answer(after: 0, baud: answer.baud, bytes: piece, isEightBit: answer.isEightBit)))
      }
    }
    step += 1
    listenIfScripted()
  }
}

/// A block with its check character.
func d0Block(_ lines: String..., isSum: Bool = false) -> [UInt8] {
  let text = Array(lines.map { $0 + "\r\n" }.joined().utf8) + [0x03]
  let check = isSum ? text.reduce(0, &+) & 0x7F : text.reduce(0, ^)
  return [0x02] + text + [check]
}

extension D0Dialog.Answer {
  static func text(_ text: String, after: Int64 = 200, baud: Int = 300) -> Self {
    Self(after: after, baud: baud, bytes: Array(text.utf8))
  }

  static func data(_ bytes: [UInt8], after: Int64 = 300, baud: Int = 300) -> Self {
    Self(after: after, baud: baud, bytes: bytes)
  }
}

extension D0Session {
  /// A session at 300 7E1 that asks each 15 min.
  static func scripted(_ change: (inout Settings) -> Void = { _ in }) -> D0Session {
    var settings = Settings(line: LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1))
    settings.interval = .minutes(15)
    change(&settings)
    return D0Session(settings)
  }
}
