internal import Decoders

/// The requests that a simulated M-Bus has heard whole.
struct BusRequests: Equatable, Sendable {
  private(set) var resets = 0
  private(set) var selections = 0
  private(set) var readouts = 0
  private(set) var others = 0

  var all: Int { resets + selections + readouts + others }

  mutating func count(_ frame: MBusFrame) {
    switch frame {
    case .short(0x40, _): resets += 1
    case .short(let control, _) where control & 0x4F == 0x4B: readouts += 1
    case .long(_, 0xFD, 0x52, _): selections += 1
    default: others += 1
    }
  }
}

extension BusRequests: CustomStringConvertible {
  var description: String {
    "\(all) requests: \(selections) selections, \(readouts) readouts, \(resets) resets, \(others) others"
  }
}
