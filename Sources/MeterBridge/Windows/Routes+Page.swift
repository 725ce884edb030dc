internal import Base
internal import Documents
internal import HTTP

extension Routes {
  /// The status page in the language of the browser.
  static func page(_ call: RouteCall) -> RouteOutcome {
    let language = PageLanguage(accepted: call.request.headers["accept-language"])
    let page = StatusPage.page(in: language)
    return .response(
      HTTPResponse(contentType: "text/html; charset=utf-8", body: page.document)
        .with("Content-Security-Policy", page.policy).with("Content-Language", language.rawValue)
        .with("Vary", "Accept-Language"))
  }

  /// A ready-made configuration of another program for the meters of this one.
  static func snippet(_ call: RouteCall) -> RouteOutcome {
    guard let program = SnippetProgram(rawValue: call.arguments[0]) else {
      let names = SnippetProgram.allCases.map(\.rawValue).joined(separator: ", ")
      return .response(.failure(404, "unknown_program", "there are \(names)"))
    }
    return .snippet(program)
  }
}

extension HTTPResponse {
  /// `GET /api/snippets/<program>`: `{"notes":["…"],"text":"…"}`.
  static func snippet(_ snippet: Snippet) -> HTTPResponse {
    var json = JSONText()
    json.object { json in
      json.array("notes") { json in for note in snippet.notes { json.value(note) } }
      json.member("text", snippet.text)
    }
    return .json(json.bytes)
  }
}
