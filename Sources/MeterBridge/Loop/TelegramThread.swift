internal import Base
internal import Meters
internal import MQTT
internal import Platform
internal import Publishing

/// Telegrams that came over MQTT together.
struct TelegramBatch: Sendable {
  var number: Int
  /// Oldest first.
  var telegrams: [IncomingTelegram]
}

/// Orders to the thread.
enum TelegramOrder: Sendable {
  /// The topics to subscribe to.
  case topics([String])
  /// What was made of a batch is delivered, or on the disk: its telegrams can be acknowledged.
  case settled(batch: Int)
  case stop
}

/// Receives telegrams over MQTT on a connection of its own. Thread and connection start with the first topic.
///
/// The broker keeps its session, and what comes while the program is away. A telegram is acknowledged when its readings are
/// delivered, so that a program that is killed gets it again.
final class TelegramThread {
  /// Batches. The next one comes when the last is settled.
  let batches: Mailbox<TelegramBatch>
  private let mqtt: MQTTSettings
  private let avoidsFive: Bool
  private let status: Shared<BrokerStatus>
  private let orders: Mailbox<TelegramOrder>
  private var topics: [String] = []
  private var isRunning = false

  /// Nil if the system has no descriptor left.
  ///
  /// - Parameters:
  ///   - mqtt: the broker.
  ///   - avoidsFive: whether MQTT 5 must be asked for by name.
  ///   - status: of the connection that readings go out on.
  init?(_ mqtt: MQTTSettings, avoidsFive: Bool, status: Shared<BrokerStatus>) {
    guard let batches = Mailbox<TelegramBatch>(), let orders = Mailbox<TelegramOrder>() else { return nil }
    self.batches = batches
    self.orders = orders
    self.mqtt = mqtt
    self.avoidsFive = avoidsFive
    self.status = status
  }

  /// Subscribes to these topics, and to no others.
  func hear(_ wanted: [String]) {
    guard wanted != topics else { return }
    topics = wanted
    _ = orders.post(.topics(wanted))
    guard !isRunning else { return }
    isRunning = Thread.start { [mqtt, avoidsFive, orders, batches, status] in
      var loop = TelegramLoop(mqtt, avoidsFive: avoidsFive, orders: orders, batches: batches, status: status)
      loop.run()
    }
    if !isRunning { Log.write(.error, "no thread left for the topics of telegrams: raise the limit (ulimit -u)") }
  }

  /// The telegrams of a batch can be acknowledged.
  func settled(_ batch: Int) { _ = orders.post(.settled(batch: batch)) }

  /// Takes no more telegrams. The last batch can still be settled.
  func stop() { _ = orders.post(.stop) }
}
