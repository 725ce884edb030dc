internal import Base
internal import Meters
internal import Platform

/// All ports, with what each waits for and when each is due. A round of the loop costs what has happened in it, however
/// many there are.
///
/// A port is known by its place, which is its token in the poll set too.
struct Ports {
  private var ports: [Port] = []
  private var deadlines = Deadlines()
  /// The places of the ports by the ids of their meters.
  private var places: [String: Int] = [:]
  /// The places of the ports whose telegrams come on one topic, and of those with `+`.
  private var topics: [String: [Int]] = [:]
  private var wildcards: [Int] = []
  private let polled: EventPoll

  init(in polled: EventPoll) { self.polled = polled }

  var indices: Range<Int> { ports.indices }

  /// When the first of them is due; nil for never.
  var deadline: Instant? { deadlines.first }

  /// Whatever changes a port, this finds out what it waits for now.
  subscript(place: Int) -> Port {
    _read { yield ports[place] }
    _modify {
      defer { note(place) }
      yield &ports[place]
    }
  }

  /// The port of a configured meter.
  func place(of meter: String) -> Int? { places[meter] }

  /// The ports that may take telegrams from a topic.
  func places(for topic: String) -> [Int] { topics[topic, default: []] + wildcards }

  /// The ports that are due. They count as due no more until they are served.
  mutating func takeDue(at now: Instant) -> [Int] { deadlines.takeDue(at: now) }

  /// Takes all of them out, for others to follow.
  mutating func removeAll() -> [Port] {
    for place in ports.indices { polled.watch(nil, as: place) }
    deadlines.removeAll()
    places = [:]
    topics = [:]
    wildcards = []
    defer { ports = [] }
    return ports
  }

  mutating func append(_ port: Port) {
    for meter in port.meters { places[meter] = ports.count }
    if let topic = port.topic {
      if let one = topic.only { topics[one, default: []].append(ports.count) } else { wildcards.append(ports.count) }
    }
    ports.append(port)
    note(ports.count - 1)
  }

  /// Calls a function for each meter, in place: no pipeline is copied.
  func forEachPipeline(_ body: (borrowing MeterPipeline) -> Void) {
    for place in ports.indices { ports[place].pipelines.forEach(body) }
  }

  private mutating func note(_ place: Int) {
    polled.watch(ports[place].interest, as: place)
    deadlines.set(place, ports[place].deadline)
  }
}
