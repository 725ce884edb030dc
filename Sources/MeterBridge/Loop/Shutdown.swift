internal import Base

/// The state of `MeterLoop` while it shuts down.
struct Shutdown {
  /// When the program ends, whatever the threads do.
  let deadline: Instant
  /// When storage is stopped even though the broker has not answered.
  let brokerDeadline: Instant
  var isStorageTold = false
  var hasStorageEnded = false
  var isDone = false
}
