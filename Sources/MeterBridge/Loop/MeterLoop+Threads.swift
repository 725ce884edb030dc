internal import Base
internal import Platform
internal import Publishing

extension MeterLoop {
  /// The other threads: their mailboxes and what they share.
  struct Threads {
    var broker: Mailbox<BrokerMessage>
    var brokerReports: Mailbox<BrokerReport>
    var brokerStatus: Shared<BrokerStatus>
    var storage: Mailbox<StorageMessage>
    var storageReports: Mailbox<StorageReport>
    var storageStatus: Shared<StorageStatus>
    var lookup: LookupThread
    var fetcher: FetchThread
    var telegrams: TelegramThread

    /// Time since each thread took a step.
    func ages(at now: Instant) -> [(name: String, age: Milliseconds)] {
      [
        ("broker", now - brokerStatus.current.lastStep), ("storage", storageStatus.current.age(at: now)),
        ("lookup", lookup.age(at: now)),
      ]
    }
  }
}
