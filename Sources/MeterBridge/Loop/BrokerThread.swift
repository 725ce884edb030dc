internal import Base
internal import Meters
internal import Platform
internal import Publishing

/// The thread that talks to the broker. A name look-up may block it for minutes; everything else waits in `poll`.
enum BrokerThread {
  /// The settings of the thread.
  struct Order: Sendable {
    var mqtt: MQTTSettings
    var homeAssistant: HomeAssistantSettings
    /// The retained topics of an earlier run.
    var retained: RetainedState
    var version: String
    /// Between two readings of a meter's history.
    var replayPace: Milliseconds
    /// Whether earlier runs ended over MQTT 5.
    var avoidsFive = false
    /// The file that notes an abort of the thread; nil for none.
    var abortFile: Int32?
  }

  /// Starts the thread; false if the system refuses one.
  ///
  /// It connects when the first `BrokerMessage.meters` arrives, and ends after `BrokerMessage.stop`.
  static func start(
    _ order: Order, inbox: Mailbox<BrokerMessage>, reports: Mailbox<BrokerReport>, storage: Mailbox<StorageMessage>,
    status: Shared<BrokerStatus>
  ) -> Bool {
    Thread.start {
      if let file = order.abortFile { AbortWatch.watchThisThread(file: file) }
      var loop = BrokerLoop(order, inbox: inbox, reports: reports, storage: storage, status: status)
      loop.run()
    }
  }
}
