/// A P1 telegram line by line.
package struct P1Content: TelegramContent {
  package let records: [P1Record]
  /// The groups in parentheses of all lines; each record names its own.
  package let groups: [P1Group]
}
