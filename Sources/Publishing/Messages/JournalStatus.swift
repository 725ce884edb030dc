/// The state of the journal, for `bridge/health`.
package struct JournalStatus: Hashable, Sendable {
  /// The number of readings that wait on disk, or in memory if the file cannot be written.
  package var readings = 0
  /// The bytes of their documents.
  package var bytes = 0
  /// The number of readings lost since the start: beyond the limit, for want of memory, or in a damaged file.
  package var dropped = 0

  package init(readings: Int = 0, bytes: Int = 0, dropped: Int = 0) {
    self.readings = readings
    self.bytes = bytes
    self.dropped = dropped
  }
}
