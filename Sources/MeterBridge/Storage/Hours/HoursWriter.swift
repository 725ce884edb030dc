internal import Base
internal import Platform
internal import Publishing

/// Writes the ledger of the hours. What cannot be written waits for the next hour.
struct HoursWriter {
  private var database: HoursDatabase
  private let say: @Sendable (LogLevel, String) -> Void
  private var waiting: [HourRow] = []
  private var failure: SQLiteError?

  init(_ database: HoursDatabase, say: @escaping @Sendable (LogLevel, String) -> Void) {
    self.database = database
    self.say = say
  }

  mutating func take(_ rows: [HourRow], at now: WallTime) {
    waiting = Array((waiting + rows).suffix(Limits.waitingHours))
    do throws(SQLiteError) {
      try database.write(waiting, now: now.hour)
    } catch {
      if database.moveAside(after: error, say), (try? database.write(waiting, now: now.hour)) != nil {
        return waiting = []
      }
      if failure != error {
        say(.error, "the hours cannot be written to \(database.path): \(error); they are tried again each hour")
      }
      failure = error
      return
    }
    waiting = []
    if failure != nil { say(.notice, "the hours are written to \(database.path) again") }
    failure = nil
  }
}
