/// What a telegram tells of its meter beside its values, for people. The log says it once.
package struct TelegramRemark: Hashable, Sendable {
  /// A sentence without the name of the meter.
  package var text: String
  /// Whether it is so until a telegram comes without it. `bridge/info` has it as the meter's `note` then.
  package var lasts: Bool

  package init(_ text: String, lasts: Bool) {
    self.text = text
    self.lasts = lasts
  }
}
