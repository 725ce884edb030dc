internal import CMosquitto
internal import Glibc

/// What the kernel does with the bytes of both directions.
extension MosquittoClient {
  /// Holds back the packets of `publish` until it is called with false: then they go out together. Alone each would be a
  /// segment of its own, and wake the broker (TCP_CORK of tcp(7)).
  package func hold(_ isHolding: Bool) {
    var value: Int32 = isHolding ? 1 : 0
    unsafe setsockopt(
      mosquitto_socket(handle), Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Whatever else the broker sends beside so many acknowledgements wakes `poll` (SO_RCVLOWAT of socket(7)).
  func awaitMore(than answers: Int) {
    // PUBACK, in MQTT 5 with a reason.
    var bytes = Int32(answers * (version == .five ? 5 : 4) + 1)
    guard bytes != wakingBytes else { return }
    wakingBytes = bytes
    unsafe setsockopt(mosquitto_socket(handle), SOL_SOCKET, SO_RCVLOWAT, &bytes, socklen_t(MemoryLayout<Int32>.size))
  }
}
