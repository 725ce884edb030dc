internal import Base
internal import Documents
internal import HTTP
internal import Platform
internal import Publishing

extension LostHours {
  /// The hours of a meter in the ledger. A thread reads them: the meter loop never waits for a disk.
  func document(of meter: String, isCSV: Bool) -> HTTPResponse {
    let made = Shared<[UInt8]?>(nil)
    let isStarted = Thread.start { [folder] in
      var database = HoursDatabase(in: folder)
      let rows = (try? database.rows(since: 0, device: meter)) ?? []
      let document = isCSV ? HoursDocument.csv(rows) : HoursDocument.json(rows, meter: meter)
      made.change { $0 = document }
    }
    guard isStarted else { return .failure(503, "no_thread", "the machine has no thread left; try again") }
    let type = isCSV ? "text/csv; charset=utf-8; header=present" : HTTPResponse.json
    return HTTPResponse(contentType: type, .later { made.current })
  }
}
