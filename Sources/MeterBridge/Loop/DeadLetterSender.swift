internal import Base
internal import Meters
internal import Platform

/// Numbers the dead letters of this run, logs them, and hands them to the storage thread.
struct DeadLetterSender {
  private let storage: Mailbox<StorageMessage>
  private let status: Shared<StorageStatus>
  private var numbering: DeadLetterNumbering
  private var limiter = LogLimiter()
  /// Bytes of the telegrams in the letters handed over.
  private var bytes = 0
  private(set) var count = 0
  /// Letters that the storage thread had no room for.
  private(set) var dropped = 0

  init(_ numbering: DeadLetterNumbering, storage: Mailbox<StorageMessage>, status: Shared<StorageStatus>) {
    self.numbering = numbering
    self.storage = storage
    self.status = status
  }

  /// Returns the letter with its id.
  mutating func send(_ letter: DeadLetter, now: Instant) -> DeadLetterEntry {
    count += 1
    let entry = DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter)
    let waiting = bytes - status.current.letterBytes
    if waiting < Limits.letterBytesUnderWay, storage.post(.deadLetter(entry)) {
      bytes += letter.bytes.count
    } else {
      dropped += 1
    }
    if limiter.isNew("\(letter.meter) \(letter.code)", now: now) {
      Log.write(.warning, "\(letter.meter): \(letter.message) (\(letter.code); kept as dead letter \(entry.id))")
    }
    return entry
  }
}
