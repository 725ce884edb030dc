@testable import MeterBridge

/// A state file, whatever is left of it: read, used by those who own its sections, written and read again.
func checkState(_ input: [UInt8]) {
  let files = MemoryFiles(["/state/state.json": input])
  var file = StateFile(directory: "/state", files: files)
  if let trouble = file.read() { precondition(isShowable(trouble), "no words") }
  if let json = file.section(RetainedState.sectionName), let state = parse(json, RetainedState.init(parsing:)) {
    let again = parse(state.encoded(), RetainedState.init(parsing:))
    precondition(again == state, "another state comes back")
    requireObject(state.encoded())
    takeOver(state)
  }
  if let json = file.section(FrameCounters.sectionName), let counters = parse(json, FrameCounters.init(parsing:)) {
    requireObject(counters.encoded())
    precondition(parse(counters.encoded(), FrameCounters.init(parsing:)) != nil)
  }
  file.set("section", to: Array("{\"a\":1}".utf8))
  precondition((try? file.write()) != nil, "it cannot be written")
  var again = StateFile(directory: "/state", files: files)
  precondition(again.load() == nil, "what was written cannot be read")
  for name in ["section", RetainedState.sectionName, FrameCounters.sectionName] {
    precondition(again.section(name) == file.section(name), "another section comes back")
  }
  precondition(files.isClosed, "a file stays open")
}

private func parse<Section>(_ json: [UInt8], _ read: ([UInt8]) throws(YAMLError) -> Section) -> Section? {
  do throws(YAMLError) { return try read(json) } catch {
    precondition(!error.problem.isEmpty, "no words")
    return nil
  }
}

/// What an earlier run has left on the broker is taken away, whoever wrote that down.
private func takeOver(_ state: RetainedState) {
  var outbox = emptyOutbox(retained: state)
  let now = Instant(milliseconds: 1000)
  outbox.take(.meters([configured("meter")]), at: now)
  outbox.connected(.five, .init())
  var rounds = 0
  while let message = outbox.next(at: now) {
    outbox.finish(message.item, refusal: nil, at: now)
    rounds += 1
    precondition(rounds < 10_000, "no end of messages")
  }
}
