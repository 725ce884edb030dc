import Testing
import TestSupport

@testable import Base
@testable import Decoders
@testable import Meters

/// Runs an inquiry on a line with a receiver, which hears a telegram as soon as it is set up.
private func ask(
  _ receiver: ScriptedReceiver, overNetwork: Bool = false, canTune: Bool? = nil, hears telegram: [UInt8] = [],
  writing text: [UInt8] = []
) -> (answer: InquiryAnswer?, commands: [[UInt8]], time: Instant) {
  var receiver = receiver
  let line = ProtocolDescription.wmbus.line
  let canTune = canTune ?? !overNetwork
  var inquiry = ReceiverInquiry(line: line, isOverNetwork: overNetwork, canTune: canTune)
  var (now, baud, isHeard) = (Instant(milliseconds: 0), canTune ? line.baud : receiver.baud, telegram.isEmpty)
  inquiry.opened(now: now)
  if !text.isEmpty { inquiry.received(LineInput(bytes: text), now: now) }
  while !inquiry.isDone {
    var actions = inquiry.takeActions()
    while !actions.isEmpty {
      for action in actions {
        switch action {
        case .send(let bytes):
          // At another speed it hears rubbish.
          for byte in baud == receiver.baud ? receiver.receive(bytes) : [] {
            inquiry.received(LineInput(bytes: [byte]), now: now)
          }
        case .tune(let line):
          baud = line.baud
          inquiry.tuned(true, now: now)
        case .progress: break
        }
      }
      actions = inquiry.takeActions()
    }
    if !isHeard, receiver.commands.suffix(receiver.setUp.count) == receiver.setUp[...] {
      isHeard = true
      let wrapped = receiver.wrapped(telegram, air: AirFrame.formatA(telegram), isFormatB: false)
      inquiry.received(LineInput(bytes: wrapped), now: now)
    }
    guard let next = inquiry.deadline else { break }
    now = max(now, next)
    inquiry.tick(now: now)
  }
  return (inquiry.answer, receiver.commands, now)
}

@Suite struct ReceiverInquiryTests {
  @Test("each receiver is found and set up, and what it hears then is told", arguments: ScriptedReceiver.Kind.allCases)
  func found(kind: ScriptedReceiver.Kind) throws {
    let telegram = try AirFrame.stripped(sampleBytes("wmbus/plain"))
    // Behind a gateway the questions for others reach it too, and these stand-ins do not skip them all.
    for overNetwork in kind == .im871a || kind == .cul ? [false, true] : [false] {
      let (answer, commands, time) = ask(ScriptedReceiver(kind), overNetwork: overNetwork, hears: telegram)
      guard case .receiver(let text, let frames)? = answer else {
        Issue.record("\(kind) is not found: \(String(describing: answer))")
        continue
      }
      #expect(text.lowercased().contains("found the receiver \(kind.rawValue)"))
      #expect(try frames.map { try AirFrame.stripped($0) } == [telegram])
      let setUp = ScriptedReceiver(kind).setUp
      #expect(commands.suffix(setUp.count) == setUp[...])
      #expect(time < Instant(milliseconds: overNetwork ? 70_000 : 40_000))
    }
  }

  @Test("a gateway whose line the program sets (RFC 2217) is tried at the speed of each receiver")
  func gatewayWithLine() {
    let (answer, _, _) = ask(ScriptedReceiver(.amb8465), overNetwork: true, canTune: true)
    guard case .receiver(let text, _)? = answer else {
      Issue.record("not found")
      return
    }
    #expect(text.lowercased().contains("found the receiver amb8465"))
  }

  @Test("a silent line is none, and a stick without wireless M-Bus says why")
  func others() {
    var mute = ScriptedReceiver(.im871a)
    mute.isMute = true
    let (answer, _, time) = ask(mute)
    #expect(answer == nil && time < Instant(milliseconds: 20_000))
    var refusing = ScriptedReceiver(.cul)
    refusing.refuses = true
    guard case .unsupported(let reason)? = ask(refusing).answer else {
      Issue.record("not told")
      return
    }
    #expect(reason.contains("culfw"))
  }

  @Test("a receiver that writes by itself is not asked")
  func lines() throws {
    let frame = try sampleBytes("wmbus/plain")
    var mute = ScriptedReceiver(.im871a)
    mute.isMute = true
    let text = Array("T1;1;1;2026-01-02 03:04:05.000;97;148;70112233;0x\(Hexadecimal.text(frame))\n".utf8)
    let (answer, commands, _) = ask(mute, writing: text)
    #expect(answer == .receiver("a receiver that writes by itself", frames: [frame]) && commands.isEmpty)
  }
}
