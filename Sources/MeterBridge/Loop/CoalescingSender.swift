internal import Base
internal import Meters
internal import Platform
internal import Publishing

/// Hands messages to the broker thread. A name look-up may block that thread for minutes. Until then
/// only the newest message of each kind is kept, and the newest value of each field. So memory stays bounded and no state
/// is lost.
struct CoalescingSender {
  private let mailbox: Mailbox<BrokerMessage>
  private var meters: BrokerMessage?
  private var publications: [String: Publication] = [:]
  /// The devices of `publications`, in the order in which they came.
  private var order = Queue<String>()
  private var availability: [String: Bool] = [:]
  /// The newest forwarded telegram of each meter. The journal has those before it.
  private var forwards: [String: JournalEntry] = [:]
  /// The batch of telegrams that comes behind all of these.
  private var batch: Int?
  private var isStopping = false
  /// Events that found the mailbox full.
  private(set) var dropped = 0

  init(_ mailbox: Mailbox<BrokerMessage>) { self.mailbox = mailbox }

  /// Whether a message waits for room in the mailbox.
  var isHolding: Bool {
    meters != nil || !publications.isEmpty || !availability.isEmpty || !forwards.isEmpty || batch != nil || isStopping
  }

  mutating func send(_ message: BrokerMessage) {
    if !isHolding, mailbox.post(message) { return }
    switch message {
    case .meters: meters = message
    case .publication(var publication):
      let id = publication.device.id
      if let former = publications[id] { publication.takeOver(from: former) } else { order.append(id) }
      publications[id] = publication
    case .availability(let device, let isOnline): availability[device] = isOnline
    case .forward(let entry): forwards[entry.meter] = entry
    case .settle(let batch): self.batch = batch
    case .stop: isStopping = true
    case .deadLetter, .accepted, .health, .journal: dropped += 1
    }
  }

  /// Hands over waiting messages while there is room, in the order of a pipeline: meters, availability, publications.
  mutating func flush() {
    if let message = meters {
      guard mailbox.post(message) else { return }
      meters = nil
    }
    for (device, isOnline) in availability {
      guard mailbox.post(.availability(device: device, online: isOnline)) else { return }
      availability[device] = nil
    }
    while let id = order.first, let publication = publications[id] {
      guard mailbox.post(.publication(publication)) else { return }
      publications[id] = nil
      _ = order.popFirst()
    }
    for (meter, entry) in forwards {
      guard mailbox.post(.forward(entry)) else { return }
      forwards[meter] = nil
    }
    if let batch {
      guard mailbox.post(.settle(batch: batch)) else { return }
      self.batch = nil
    }
    if isStopping, mailbox.post(.stop) { isStopping = false }
  }
}
