/// The two formats that Prometheus reads.
package enum MetricsFormat: Sendable {
  /// The text format 0.0.4, which every version reads.
  case text
  /// OpenMetrics 1.0.0.
  case openMetrics

  /// The one that a scraper prefers.
  ///
  /// - Parameter accept: its header `Accept`; nil without one.
  package init(accept: String?) {
    let ranges = (accept ?? "").lowercased().split(separator: ",").map(MediaRange.init)
    let open = ranges.filter { $0.type == "application/openmetrics-text" && $0.isFirstVersion }.map(\.weight).max() ?? 0
    let text = ranges.filter { $0.type == "text/plain" }.map(\.weight).max() ?? 0
    self = open > 0 && open >= text ? .openMetrics : .text
  }

  /// Prometheus 3 takes a target for dead that answers with another one.
  package var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
    }
  }

  /// One element of `Accept`.
  private struct MediaRange {
    var type: Substring
    /// In thousandths.
    var weight = 1000
    /// Whether a version below 2 is asked for, or none.
    var isFirstVersion = true

    init(_ text: Substring) {
      let parts = text.split(separator: ";").map { $0.drop { $0 == " " } }
      type = parts.first.map { $0.prefix { $0 != " " } } ?? ""
      for part in parts.dropFirst() {
        if part.hasPrefix("q=") { weight = Self.thousandths(part.dropFirst(2)) }
        if part.hasPrefix("version=") { isFirstVersion = ["0", "1"].contains(part.dropFirst(8).prefix(1)) }
      }
    }

    /// `0.75` is 750; a text without sense counts as 0.
    private static func thousandths(_ text: Substring) -> Int {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard let whole = parts.first.flatMap({ Int($0) }), (0...1).contains(whole) else { return 0 }
      let decimals = parts.count > 1 ? parts[1].prefix { $0.isNumber }.prefix(3) : ""
      let padded = decimals + String(repeating: "0", count: 3 - decimals.count)
      return whole == 1 ? 1000 : Int(padded) ?? 0
    }
  }
}
