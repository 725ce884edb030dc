package import Base

/// The times of an M-Bus master (EN 13757-2), which follow from the baud rate.
package struct MBusTiming: Equatable, Sendable {
  /// From the last byte of a request to the acknowledgement.
  let acknowledgement: Milliseconds
  /// From the last byte of a request to the first byte of an answer with data.
  let answer: Milliseconds
  /// The longest frame, first byte to last.
  let frame: Milliseconds
  /// Silence that ends an answer: 22 bit times on the bus itself, but adapters and
  /// gateways hand bytes on in bursts.
  let gap: Milliseconds
  /// 33 bit times: the time the bus stays quiet before the next request.
  let quiet: Milliseconds
  private let baud: Int64

  /// A slave answers within 330 bit times and 50 ms, the standard says; many need longer, and a gateway adds its own
  /// time and may hand on a frame only when it has all of it.
  package init(baud: Int, overNetwork: Bool, margin: Milliseconds = .seconds(1)) {
    let baud = Int64(max(1, baud))
    func bits(_ count: Int64) -> Int64 { (count * 1000 + baud - 1) / baud }
    let network: Int64 = overNetwork ? 3000 : 0
    let slowest = max(bits(330) + 50, 500) + margin.count + network
    let longest = bits(261 * 11)
    self.baud = baud
    acknowledgement = Milliseconds(slowest)
    answer = Milliseconds(slowest + (overNetwork ? longest : 0))
    frame = Milliseconds(longest)
    gap = Milliseconds(bits(22) + (overNetwork ? 1000 : 250))
    quiet = Milliseconds(bits(33))
  }

  /// The time that bytes take to leave: 11 bits each (8E1).
  func transmission(of count: Int) -> Milliseconds {
    Milliseconds((Int64(count) * 11_000 + baud - 1) / baud)
  }
}
