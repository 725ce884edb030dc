import Foundation
import Meters
import Testing
import TestSupport

@testable import Documents

private func text(_ language: PageLanguage) -> String {
  String(decoding: StatusPage.page(in: language).document, as: UTF8.self)
}

/// What stands between two marks, the first time.
private func between(_ open: String, _ close: String, in text: String) throws -> String {
  let start = try #require(text.range(of: open))
  let end = try #require(text.range(of: close, range: start.upperBound..<text.endIndex))
  return String(text[start.upperBound..<end.lowerBound])
}

@Test("the page is whole and below 40 kB in every language", arguments: PageLanguage.allCases)
func size(language: PageLanguage) throws {
  let page = text(language)
  #expect(page.utf8.count < 40_000, "\(page.utf8.count)")
  #expect(page.contains("<html lang=\"\(language.rawValue)\">"))
  #expect(!page.contains("{{"))
  let json = try between("<script type=\"application/json\" id=\"texts\">", "</script>", in: page)
  let texts = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String])
  #expect(texts.count == PageText.table.count)
  #expect(texts["online"] == PageText.table.first { $0.key == "online" }?[language])
}

@Test("the policy has the hashes of the script and the style that are in the page", arguments: PageLanguage.allCases)
func hashes(language: PageLanguage) throws {
  let page = text(language)
  for (tag, directive) in [("script", "script-src"), ("style", "style-src")] {
    let content = try between("<\(tag)>", "</\(tag)>", in: page)
    let hash = Data(try #require(SHA256.digest(Array(content.utf8)))).base64EncodedString()
    #expect(StatusPage.page(in: language).policy.contains("\(directive) 'sha256-\(hash)';"))
  }
}

@Test("the page has no resource of another place, and texts of meters never become markup")
func resources() {
  let page = text(.english)
  let places = page.replacing("http://www.w3.org/2000/svg", with: "")
  for word in ["http://", "https://", "src=\"//", "@import", "url("] { #expect(!places.contains(word), "\(word)") }
  for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", " style=\""] {
    #expect(!page.contains(word), "\(word)")
  }
}

@Test("every text is there in five languages, with the same places to fill, and without markup")
func texts() throws {
  #expect(Set(PageText.table.map(\.key)).count == PageText.table.count)
  for text in PageText.table {
    let english = places(text[.english])
    for language in PageLanguage.allCases {
      #expect(!text[language].isEmpty, "\(text.key) \(language)")
      #expect(!text[language].contains { "<>&\"'".contains($0) }, "\(text.key) \(language)")
      #expect(places(text[language]) == english, "\(text.key) \(language)")
    }
    if text.key.count > 5, !text.key.hasPrefix("field."), !text.key.hasPrefix("medium.") {
      #expect(text[.japanese] != text[.english], "\(text.key) is not translated")
    }
  }
}

private func places(_ text: String) -> [String] { text.matches(of: /\{\w+\}/).map { String($0.0) }.sorted() }

/// Texts that the script asks for by a name that it puts together.
private let composed: Set<String> = [
  "field.", "medium.", "advice.", "tariff", "storage", "subunit", "more", "telegrams", "lastTelegram", "serial",
  "lastSeen", "broker", "noBroker",
]

@Test("the page uses every text of the table, and no other")
func uses() throws {
  let script = String(decoding: PackageResources.page_js, as: UTF8.self)
  let template = String(decoding: PackageResources.page_html, as: UTF8.self)
  var used = Set(script.matches(of: /\bT\.(\w+)/).map { String($0.1) })
  used.formUnion(script.matches(of: /\bT\['([\w.]+)'[\]]/).map { String($0.1) })
  used.formUnion(script.matches(of: /\bsay\('(\w+)'/).map { String($0.1) })
  used.formUnion(template.matches(of: /\{\{(\w+)\}\}/).map { String($0.1) })
  used.subtract(["lang", "style", "script", "texts", "programs"])
  let known = Set(PageText.table.map(\.key))
  #expect(used.subtracting(known) == [])
  let unused = known.subtracting(used).filter { key in
    !composed.contains { key == $0 || ($0.hasSuffix(".") && key.hasPrefix($0)) }
  }
  #expect(unused == [])
}

private struct Wish: Sendable, CustomTestStringConvertible {
  var header: String?
  var language: PageLanguage
  var testDescription: String { header?.prefix(40).debugDescription ?? "no header" }
}

@Test(
  "the language is the one that the browser wants most",
  arguments: [
    Wish(header: nil, language: .english),
    Wish(header: "", language: .english),
    Wish(header: "de-AT,de;q=0.9,en;q=0.8", language: .german),
    Wish(header: "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", language: .french),
    Wish(header: "en;q=0.5, nl-BE", language: .dutch),
    Wish(header: "ja", language: .japanese),
    Wish(header: "JA-jp;q=1.000", language: .japanese),
    Wish(header: "it, es;q=0.9, nl;q=0.1", language: .dutch),
    Wish(header: "de;q=0, nl;q=0.001", language: .dutch),
    Wish(header: "de;q=2, fr;q=x, ja;q=0.5", language: .japanese),
    Wish(header: "*", language: .english),
    Wish(header: ";;;,,q=1,\u{0}", language: .english),
    Wish(header: String(repeating: "xx,", count: 10_000) + "de", language: .english),
  ])
private func wishes(wish: Wish) { #expect(PageLanguage(accepted: wish.header) == wish.language) }

/// Relative luminance (WCAG 2.2) of `#rrggbb` or `#rgb`.
private func luminance(_ color: String) -> Double {
  var digits = color.dropFirst().map(String.init)
  if digits.count == 3 { digits = digits.flatMap { [$0, $0] } }
  let parts = stride(from: 0, to: 6, by: 2).map { index in
    let part = Double(Int(digits[index] + digits[index + 1], radix: 16) ?? 0) / 255
    return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
  }
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
}

@Test("every text has a contrast of 4.5 to what is behind it, in light and dark")
func contrast() throws {
  let style = String(decoding: PackageResources.page_css, as: UTF8.self)
  let themes = style.split(separator: "\n").filter { $0.contains("--ground:") }
  #expect(themes.count == 2)
  for theme in themes {
    let colors = Dictionary(
      uniqueKeysWithValues: theme.matches(of: /--(\w+): (#\w+)/).map { (String($0.1), luminance(String($0.2))) })
    let pairs = [
      ("ink", "ground"), ("ink", "card"), ("ink", "badground"), ("soft", "ground"), ("soft", "card"),
      ("accent", "card"),
      ("accent", "okground"), ("accent", "ground"), ("out", "card"), ("bad", "card"), ("bad", "badground"),
    ]
    for (front, back) in pairs {
      let (one, other) = (try #require(colors[front]), try #require(colors[back]))
      let ratio = (max(one, other) + 0.05) / (min(one, other) + 0.05)
      #expect(ratio >= 4.5, "\(front) on \(back): \(ratio)")
    }
  }
}
