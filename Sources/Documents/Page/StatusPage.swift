internal import Base
internal import Meters

/// The status page: one HTML document without outside resources, in the language of the reader.
///
/// Its content comes from the API, so the page itself is the same for every meter and every state.
package struct StatusPage: Sendable {
  /// HTML in UTF-8, less than 40 kB.
  package let document: [UInt8]
  /// The header `Content-Security-Policy`: it allows this style and this script alone, by their hashes.
  package let policy: String

  private static let pages = PageLanguage.allCases.map(StatusPage.init)

  /// The page in a language.
  package static func page(in language: PageLanguage) -> StatusPage {
    pages.first { $0.language == language } ?? StatusPage(language)
  }

  private let language: PageLanguage

  private init(_ language: PageLanguage) {
    self.language = language
    let style = Self.compact(PackageResources.page_css)
    let script = Self.compact(PackageResources.page_js)
    var texts = JSONText()
    texts.object { json in
      for text in PageText.table { json.member(text.key, text[language]) }
    }
    var parts = ["lang": language.rawValue, "style": style, "script": script, "texts": texts.text]
    parts["programs"] = SnippetProgram.allCases.map { "<option>\($0.rawValue)</option>" }.joined()
    for text in PageText.table where parts[text.key] == nil { parts[text.key] = text[language] }
    document = Self.filled(PackageResources.page_html, parts)
    policy =
      "default-src 'none'; script-src '\(Self.source(script))'; style-src '\(Self.source(style))'; connect-src 'self'; "
      + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
  }

  /// A source expression of CSP level 3: the hash of the text between the tags.
  private static func source(_ text: String) -> String {
    // Without a hash the browser refuses the script, which is better than allowing any.
    "sha256-\(base64(SHA256.digest(Array(text.utf8)) ?? []))"
  }

  /// Without indentation and lines of comments: a third less to send.
  private static func compact(_ bytes: [UInt8]) -> String {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.drop { $0 == " " } }
    return lines.filter { !$0.hasPrefix("//") }.joined(separator: "\n")
  }

  /// Puts the parts in the place of `{{name}}`.
  private static func filled(_ template: [UInt8], _ parts: [String: String]) -> [UInt8] {
    var text = ""
    var rest = String(decoding: template, as: UTF8.self)[...]
    while let open = rest.firstIndex(of: "{") {
      text += rest[..<open]
      rest = rest[open...]
      guard rest.hasPrefix("{{"), let close = rest.firstIndex(of: "}") else {
        text.append(rest.removeFirst())
        continue
      }
      text += parts[String(rest[..<close].dropFirst(2))] ?? ""
      rest = rest[close...].dropFirst(2)
    }
    return Array((text + rest).utf8)
  }
}
