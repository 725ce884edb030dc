/// A language of the status page.
package enum PageLanguage: String, CaseIterable, Sendable {
  case english = "en"
  case german = "de"
  case dutch = "nl"
  case french = "fr"
  case japanese = "ja"

  /// The language that a browser wants most; English if none of its languages is there.
  ///
  /// - Parameter accepted: the header `Accept-Language` (RFC 9110, section 12.5.4), `nl-BE, fr;q=0.8`; nil without it.
  package init(accepted: String?) {
    var best: (language: PageLanguage, weight: Int)?
    for item in (accepted ?? "").split(separator: ",").prefix(32) {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      guard let tag = parts.first, let primary = tag.split(separator: "-").first,
        let language = primary == "*" ? .english : PageLanguage(rawValue: String(primary))
      else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Self.thousandths($0.dropFirst(2)) } ?? 1000
      if weight > best?.weight ?? 0 { best = (language, weight) }
    }
    self = best?.language ?? .english
  }

  /// `0.8` is 800; 0 for what is not a weight.
  private static func thousandths(_ text: Substring) -> Int {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap({ Int($0) }), (0...1).contains(whole) else { return 0 }
    let decimals = parts.count == 2 ? parts[1] : ""
    guard decimals.count <= 3, decimals.allSatisfy({ ("0"..."9").contains($0) }) else { return 0 }
    let rest = Int(decimals + String(repeating: "0", count: 3 - decimals.count)) ?? 0
    return min(1000, whole * 1000 + rest)
  }
}
