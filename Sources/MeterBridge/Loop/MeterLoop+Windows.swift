internal import Base
internal import Documents
internal import HTTP
internal import Platform
internal import Publishing

extension MeterLoop {
  /// Lets the web server and the senders work.
  func serveWindows(now: Instant, wall: WallTime) {
    windows?.serve(now: now) { [self] request in answer(request, now: now, wall: wall) }
    if let store { windows?.show(store, lookup, now: now) }
  }

  private func answer(_ request: HTTPRequest, now: Instant, wall: WallTime) -> HTTPResponse {
    refreshStore(now: now, wall: wall)
    guard let store, let routes = windows?.routes else { return .failure(503, "stopping", "the program ends") }
    switch routes.outcome(of: request, store, now: now, wall: wall) {
    case .response(let response): return response
    case .read(let meter): return read(meter, now: now)
    case .events: return events()
    case .hours(let meter, let isCSV): return hours.document(of: meter, isCSV: isCSV)
    case .snippet(let program):
      let known = store.meters.map { (device: $0.device, fields: $0.fields.map(\.field)) }
      return .snippet(Snippet(for: program, of: configuration.snippetHouse(known)))
    }
  }

  private func events() -> HTTPResponse {
    var stream = EventStream()
    return .events { [unowned self] in store.map { stream.next($0, now: Clock.now()) } ?? [] }
  }

  private func read(_ meter: String, now: Instant) -> HTTPResponse {
    switch poll(meter, now: now) {
    case true: .json(Array(#"{"accepted":true}"#.utf8), status: 202)
    case false: .failure(409, "not_polled", "\(meter) pushes its readings and cannot be polled")
    case nil: Routes.noMeter
    }
  }
}

extension BridgeState {
  /// The state at the start of the program.
  init(_ mqtt: MQTTSettings, _ broker: BrokerStatus) {
    self.init(
      started: Clock.wall(), brokerName: "\(mqtt.brokers[0])", baseTopic: mqtt.baseTopic, broker: broker)
  }
}
