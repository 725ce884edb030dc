package import Base

/// The times of an M-Bus master (EN 13757-2). They depend on the baud rate.
package struct MBusTiming: Equatable, Sendable {
  /// From the last byte of a request to the acknowledgement.
  let acknowledgement: Milliseconds
  /// From the last byte of a request to the first byte of an answer with data.
  let answer: Milliseconds
  /// The longest frame, first byte to last.
  let frame: Milliseconds
  /// The silence that ends an answer: 22 bit times on the bus itself. Adapters and gateways need more, because they
  /// hand bytes on in bursts.
  let gap: Milliseconds
  /// The quiet time before the next request: 33 bit times.
  let quiet: Milliseconds
  /// Whether an answer may come twice, because it comes in datagrams.
  let mayDouble: Bool
  private let baud: Int64
  private let isOverNetwork: Bool
  private let margin: Milliseconds

  /// A slave answers within 330 bit times and 50 ms in the standard, but many slaves need longer. A gateway adds its
  /// own time, and may hand on only complete frames.
  package init(baud: Int, overNetwork: Bool, overDatagrams: Bool = false, margin: Milliseconds = .seconds(1)) {
    let baud = Int64(max(1, baud))
    func bits(_ count: Int64) -> Int64 { (count * 1000 + baud - 1) / baud }
    let network: Int64 = overNetwork ? 3000 : 0
    let slowest = max(bits(330) + 50, 500) + margin.count + network
    let longest = bits(261 * 11)
    self.baud = baud
    isOverNetwork = overNetwork
    self.margin = margin
    mayDouble = overDatagrams
    acknowledgement = Milliseconds(slowest)
    answer = Milliseconds(slowest + (overNetwork ? longest : 0))
    frame = Milliseconds(longest)
    gap = Milliseconds(bits(22) + (overNetwork ? 1000 : 250))
    quiet = Milliseconds(bits(33))
  }

  /// The times of the same line at another speed, in bits a second.
  func at(_ baud: Int) -> MBusTiming {
    MBusTiming(baud: baud, overNetwork: isOverNetwork, overDatagrams: mayDouble, margin: margin)
  }

  /// The time that bytes take to leave: 11 bits each (8E1).
  func transmission(of count: Int) -> Milliseconds {
    Milliseconds((Int64(count) * 11_000 + baud - 1) / baud)
  }
}
