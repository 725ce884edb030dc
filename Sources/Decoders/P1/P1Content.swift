/// A P1 telegram line by line.
package struct P1Content: TelegramContent {
  package let records: [P1Record]
  /// What stands in parentheses on the lines, of all of them; each record names its own.
  package let groups: [P1Group]
}
