internal import Base
internal import Platform
internal import Publishing

/// One repair: the ledger from the disk, a connection to Home Assistant, and the note of corrections.
struct RepairRun {
  struct Failure: Error {
    var words: String
    /// Whether the token is not valid.
    var isShutOut = false
  }

  let settings: HomeAssistantSettings
  let address: HomeAssistantAddress
  let folder: Folder

  /// Hours of the ledger before an outage: Home Assistant's last row may be older than it.
  private static let hoursBefore: Int64 = 7 * 24

  /// Repairs all counters and tells each finding.
  func run(
    _ order: StatisticsRepair.Order, _ tell: (StatisticsRepair.Finding) -> Void
  ) throws(Failure) {
    guard let token = settings.token else { throw Failure(words: "the token is missing") }
    var database = HoursDatabase(in: folder)
    let ledger: [HourRow]
    do throws(SQLiteError) { ledger = try database.rows(since: order.firstHour - Self.hoursBefore) } catch {
      throw Failure(words: "\(database.path) cannot be read: \(error)")
    }
    let intents: IntentFile?
    do throws(Errno) { intents = try IntentFile(in: folder) } catch {
      throw Failure(words: "\(folder.path(of: IntentFile.name)): \(error)")
    }
    guard let intents else { throw Failure(words: "another repair is running") }
    do throws(HomeAssistantTrouble) {
      var link: any HomeAssistantLink = try HomeAssistantConnection(
        address, token: token, authorityFile: settings.authorityFile)
      try StatisticsRepair(order, intents: intents, now: Clock.wall).run(ledger, &link, tell)
    } catch {
      throw Failure(words: error.words, isShutOut: error == .unauthorized)
    }
  }
}
