internal import Base
internal import Glibc
internal import Platform
internal import Publishing

/// `repair.json`: the corrections of sums that Home Assistant was asked for and that are not read back yet.
///
/// One repair at a time has it, in whatever process.
final class IntentFile: AdjustmentIntents {
  static let name = "repair.json"
  static let lockName = "repair.lock"

  private let files: any FileSystem
  private let lock: Int32
  private let open: Shared<[String: WallTime]>

  /// - Returns: nil if another repair is running.
  /// - Throws: if the file cannot be read.
  init?(in files: any FileSystem) throws(Errno) {
    let lock = try files.open(Self.lockName, O_RDONLY | O_CREAT)
    do throws(Errno) { try files.lock(lock) } catch {
      files.close(lock)
      if error.number == EWOULDBLOCK { return nil }
      throw error
    }
    self.lock = lock
    self.files = files
    let text = try files.contents(of: Self.name, limit: Limits.intentBytes) ?? []
    let pairs = (JSONMembers.split(text) ?? []).compactMap { member in
      member.value.jsonText.flatMap { WallTime($0) }.map { (member.name, $0) }
    }
    open = Shared(Dictionary(pairs) { first, _ in first })
  }

  deinit {
    files.unlock(lock)
    files.close(lock)
  }

  func since(_ statistic: String) -> WallTime? { open.current[statistic] }

  func begin(_ statistic: String, at now: WallTime) throws(HomeAssistantTrouble) {
    do throws(Errno) {
      try change { $0[statistic] = now }
    } catch {
      throw .unsaved("\(files.path(of: Self.name)): \(error)")
    }
  }

  func end(_ statistic: String?) {
    guard let statistic, since(statistic) != nil else { return }
    // One that stays is looked at again before it is believed.
    try? change { $0[statistic] = nil }
  }

  private func change(_ body: (inout [String: WallTime]) -> Void) throws(Errno) {
    var new = open.current
    body(&new)
    var json = JSONText()
    json.object { json in
      for (name, time) in new.sorted(by: { $0.key < $1.key }) { json.member(name, time.description) }
    }
    try files.replace(Self.name, with: json.bytes)
    open.change { [new] in $0 = new }
  }
}
