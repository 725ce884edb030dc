/// What the log says about an outage of a source, each thing once.
struct SourceOutage: Sendable {
  /// The subjects of the reasons that were told.
  private var told: Set<String> = []
  private var lastSubject: String?
  private var isOpeningTold = false

  /// The most reasons of one outage.
  private static let most = 8

  /// Whether to tell why the source was lost.
  ///
  /// A new reason in an outage must last: a port that was just plugged in is forbidden for a moment.
  mutating func tells(_ trouble: SourceError) -> Bool {
    let lasts = told.isEmpty || trouble.subject == lastSubject
    lastSubject = trouble.subject
    guard lasts, told.count < Self.most else { return false }
    return told.insert(trouble.subject).inserted
  }

  /// Whether to tell that it is open: the first time, although no telegram has come yet. Its next loss is told again.
  mutating func tellsOpening() -> Bool {
    guard !isOpeningTold else { return false }
    isOpeningTold = true
    told = []
    return true
  }
}
