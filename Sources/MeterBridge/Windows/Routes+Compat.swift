internal import Documents
internal import HTTP

extension Routes {
  /// `/compat/SEED/ID`.
  static func compatiblePage(_ call: RouteCall) -> RouteOutcome {
    guard let seed = CompatSeed(rawValue: call.arguments[0]) else {
      let known = CompatSeed.allCases.map(\.rawValue).joined(separator: ", ")
      return .response(.failure(404, "unknown_tool", "the tools are \(known)"))
    }
    return .response(page(seed, of: call.store[call.arguments[1]]))
  }

  /// The page of a meter as a tool showed it.
  static func page(_ seed: CompatSeed, of meter: StoredMeter?) -> HTTPResponse {
    guard let meter else { return noMeter }
    return switch seed.answer(for: meter) {
    case .document(let bytes, let type): HTTPResponse(contentType: type, body: bytes)
    case .nothingYet: HTTPResponse(204)
    case .unavailable(let reason): .failure(503, "offline", reason)
    case .unsuitable(let reason): .failure(404, "unsuitable", reason)
    }
  }
}
