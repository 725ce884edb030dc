internal import Base

/// How far the shutdown of `MeterLoop` is.
struct Shutdown {
  /// When the program ends, whatever the threads do.
  let deadline: Instant
  /// When storage is stopped even though the broker has not answered.
  let brokerDeadline: Instant
  var isStorageTold = false
  var hasStorageEnded = false
  var isDone = false
}
