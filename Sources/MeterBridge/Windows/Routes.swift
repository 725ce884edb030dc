internal import Base
internal import Documents
internal import HTTP

/// What a request is for.
enum RouteOutcome {
  case response(HTTPResponse)
  /// Read a meter now.
  case read(meter: String)
  /// Tell what is new from now on.
  case events
  /// Read the hours of a meter from the disk.
  case hours(meter: String, isCSV: Bool)
  /// Tell another program's configuration.
  case snippet(SnippetProgram)
}

/// A request, and what its answer is made from.
struct RouteCall {
  var request: HTTPRequest
  /// What stands for the `{…}` of the path, in order.
  var arguments: [String]
  var store: MeterStore
  var now: Instant
  var wall: WallTime
  var settings: HTTPSettings

  /// The meter that the path names.
  var meter: StoredMeter? { arguments.last.flatMap { store[$0] } }
}

/// The table of what is served where.
struct Routes {
  /// One line of it.
  private struct Route {
    /// HEAD is answered as GET.
    var method: HTTPRequest.Method
    var path: [Substring]
    var answer: (RouteCall) -> RouteOutcome

    init(_ method: HTTPRequest.Method, _ path: String, _ answer: @escaping (RouteCall) -> RouteOutcome) {
      self.method = method
      self.path = Routes.levels(path)
      self.answer = answer
    }
  }

  private let settings: HTTPSettings
  private let routes: [Route]

  init(_ settings: HTTPSettings) {
    self.settings = settings
    var routes = [
      // MBusPico's document may be on `/`.
      Route(.get, settings.root == nil ? "/" : "/page", Self.page),
      Route(.get, "/metrics", Self.metrics),
      Route(.get, "/api/meters", Self.meters),
      Route(.get, "/api/meters/{id}", Self.meter),
      Route(.get, "/api/meters/{id}/telegram", Self.telegram),
      Route(.get, "/api/meters/{id}/hours", Self.hours),
      Route(.post, "/api/meters/{id}/read") { .read(meter: $0.arguments[0]) },
      Route(.get, "/api/health") { .response(.json($0.store.healthDocument())) },
      Route(.get, "/api/dead-letters") { .response(.json($0.store.lettersDocument())) },
      Route(.get, "/api/events") { _ in .events },
      Route(.get, "/api/snippets/{program}", Self.snippet),
      Route(.get, "/api/openapi.json") { _ in .response(.json(OpenAPIDocument.document())) },
    ]
    if settings.hasCompatiblePages { routes.append(Route(.get, "/compat/{seed}/{id}", Self.compatiblePage)) }
    if let root = settings.root {
      routes.append(Route(.get, "/") { .response(Self.page(.mbusPico, of: $0.store[root])) })
    }
    self.routes = routes
  }

  /// The answer to a request, or what to do for it.
  func outcome(of request: HTTPRequest, _ store: MeterStore, now: Instant, wall: WallTime) -> RouteOutcome {
    let levels = Self.levels(request.path)
    let there = routes.compactMap { route in Self.arguments(levels, route.path).map { (route: route, arguments: $0) } }
    let method = request.method == .head ? .get : request.method
    guard let found = there.first(where: { $0.route.method == method }) else {
      return .response(there.isEmpty ? Self.noPage : Self.wrongMethod(there.map(\.route.method)))
    }
    return found.route.answer(
      RouteCall(
        request: request, arguments: found.arguments, store: store, now: now, wall: wall, settings: settings))
  }

  static var noMeter: HTTPResponse { .failure(404, "unknown_meter", "no meter has this id") }
  private static var noPage: HTTPResponse { .failure(404, "not_found", "nothing is here; / is the status page") }

  private static func wrongMethod(_ methods: [HTTPRequest.Method]) -> HTTPResponse {
    let allowed = methods.map { $0 == .get ? "GET, HEAD" : $0.rawValue }.joined(separator: ", ")
    return .failure(405, "method_not_allowed", "here the methods are \(allowed)").with("Allow", allowed)
  }

  private static func levels(_ path: String) -> [Substring] {
    path.split(separator: "/", omittingEmptySubsequences: false)
  }

  /// What stands for the `{…}` of a pattern; nil if a path does not match it.
  private static func arguments(_ path: [Substring], _ pattern: [Substring]) -> [String]? {
    guard path.count == pattern.count else { return nil }
    var arguments: [String] = []
    for (level, wanted) in zip(path, pattern) {
      if wanted.hasPrefix("{") {
        guard !level.isEmpty else { return nil }
        arguments.append(String(level))
      } else if level != wanted {
        return nil
      }
    }
    return arguments
  }
}
