internal import Base
internal import Meters

/// The pipelines of one source, with the time when each is due: on a bus of many meters an event of one asks no other.
struct Pipelines {
  private var pipelines: [MeterPipeline]
  private var deadlines = Deadlines()
  /// The places of the meters by their ids; nil for a few, which are searched.
  private let places: [String: Int]?

  init(_ pipelines: [MeterPipeline]) {
    self.pipelines = pipelines
    places =
      pipelines.count <= Self.few
      ? nil : Dictionary(uniqueKeysWithValues: pipelines.indices.lazy.map { (pipelines[$0].settings.id, $0) })
  }

  private static let few = 4

  var count: Int { pipelines.count }
  var indices: Range<Int> { pipelines.indices }

  /// When the first of them is due; nil for never.
  var deadline: Instant? { deadlines.first }

  /// The meter with this id.
  func place(of id: String) -> Int? {
    if let places { places[id] } else { pipelines.firstIndex { $0.settings.id == id } }
  }

  /// The telegrams of a meter so far; through the subscript this would copy its pipeline.
  func telegrams(of meter: Int) -> Int { pipelines[meter].counters.telegrams }

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
