internal import Base
internal import Documents
internal import HTTP

extension Routes {
  static func metrics(_ call: RouteCall) -> RouteOutcome {
    let format = MetricsFormat(accept: call.request.headers["accept"])
    var page = MetricsPage(call.store, format: format)
    return .response(HTTPResponse(contentType: format.contentType, .pieces { page.next() }))
  }

  static func meters(_ call: RouteCall) -> RouteOutcome {
    var list = MeterList(call.store, now: call.now)
    return .response(HTTPResponse(contentType: HTTPResponse.json, .pieces { list.piece() }))
  }

  static func meter(_ call: RouteCall) -> RouteOutcome {
    let id = call.arguments[0]
    guard let document = call.store.meterDocument(id, now: call.now), let tag = call.store.meterTag(id) else {
      return .response(noMeter)
    }
    return .response(.json(document).with("ETag", tag))
  }

  static func telegram(_ call: RouteCall) -> RouteOutcome {
    let id = call.arguments[0]
    guard call.store[id] != nil else { return .response(noMeter) }
    guard let document = call.store.telegramDocument(id) else {
      return .response(.failure(404, "no_telegram", "no telegram of this meter has come in yet"))
    }
    return .response(.json(document))
  }

  /// JSON, or CSV if `format` or the header Accept says so.
  static func hours(_ call: RouteCall) -> RouteOutcome {
    let id = call.arguments[0]
    guard call.store[id] != nil else { return .response(noMeter) }
    switch call.request.query["format"] {
    case "csv": return .hours(meter: id, isCSV: true)
    case "json": return .hours(meter: id, isCSV: false)
    case nil: return .hours(meter: id, isCSV: call.request.headers["accept"]?.contains("text/csv") == true)
    default: return .response(.failure(400, "unknown_format", "format is csv or json"))
    }
  }
}
