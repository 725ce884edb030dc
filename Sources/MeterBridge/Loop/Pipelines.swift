internal import Base
internal import Meters

/// The pipelines of one source, with the time when each is due: on a bus of many meters an event of one asks no other.
struct Pipelines {
  private var pipelines: [MeterPipeline]
  private var deadlines = Deadlines()

  init(_ pipelines: [MeterPipeline]) { self.pipelines = pipelines }

  var count: Int { pipelines.count }
  var indices: Range<Int> { pipelines.indices }

  /// When the first of them is due; nil for never.
  var deadline: Instant? { deadlines.first }

  subscript(meter: Int) -> MeterPipeline {
    _read { yield pipelines[meter] }
    _modify {
      defer { deadlines.set(meter, pipelines[meter].deadline) }
      yield &pipelines[meter]
    }
  }

  /// What those that are due have to say.
  mutating func tick(now: Instant) -> [MeterOutput] {
    guard let first = deadlines.first, first <= now else { return [] }
    var outputs: [MeterOutput] = []
    for meter in deadlines.takeDue(at: now) { outputs += self[meter].tick(now: now) }
    return outputs
  }

  func forEach(_ body: (borrowing MeterPipeline) -> Void) {
    for meter in pipelines.indices { body(pipelines[meter]) }
  }
}
