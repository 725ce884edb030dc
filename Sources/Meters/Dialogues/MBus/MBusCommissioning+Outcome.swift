package import Decoders

/// What came of an order to a slave.
package enum MBusCommissioningOutcome: Equatable, Sendable {
  /// The slave answers at its new address or rate. `before` is its old address; nil if that is the same.
  case done(MBusSender, before: UInt8?)
  /// No slave takes the selection.
  case notFound
  /// Several slaves take it, or their answers are damaged.
  case severalMeters
  /// Another slave answers at the new address; nil if several do, or it cannot be read.
  case addressTaken(by: MBusSender?)
  /// The slave has its new address, but not alone: no answer from there is whole.
  case shared(MBusSender)
  /// The slave answers as before: it did not obey.
  case unchanged(MBusSender)
  /// The slave answers neither as before nor as ordered.
  case lost(MBusSender)
  /// The order was sent, but the port does not take the new rate.
  case notReadBack(MBusSender)

  package var isGood: Bool { if case .done = self { true } else { false } }
}

extension MBusCommissioningOutcome {
  /// What to tell the user, as it was read back.
  package func text(of order: MBusCommissioning.Order, meter: MBusAddress, line: LineSettings) -> String {
    switch (self, order) {
    case (.done(let sender, nil), .address(let address)):
      "\(sender.title) has address \(address) already; nothing is changed"
    case (.done(let sender, let before?), .address(let address)):
      "\(sender.title) answers at address \(address) now; it was \(before)"
    case (.done(let sender, _), .baud(let rate)): "\(sender.title) answers at \(rate) baud now; it was \(line.baud)"
    case (.notFound, _):
      "no meter takes the selection of \(meter): check its number, the wiring, and that the line is \(line). Nothing is "
        + "changed"
    case (.severalMeters, _):
      "several meters take the selection of \(meter), or their answers are damaged: give all 16 digits. `meterbridge "
        + "scan` prints them"
    case (.addressTaken(let other?), _): "the new address is taken: \(other.title) answers there. Nothing is changed"
    case (.addressTaken(nil), _):
      "the new address is taken: something answers there that cannot be read, perhaps several meters. Nothing is changed"
    case (.shared(let sender), _):
      "\(sender.title) has its new address, but no answer from there is whole: does another meter have it too?"
    case (.unchanged(let sender), .address):
      "\(sender.title) did not obey: it still answers at address \(sender.address). Some meters are locked, or take an "
        + "address only from their maker's program"
    case (.unchanged(let sender), .baud):
      "\(sender.title) did not obey: it still answers at \(line.baud) baud. Some meters are locked or find the rate by "
        + "themselves"
    case (.notReadBack(let sender), _):
      "\(sender.title) has the order, but the port does not take the new speed: read it with another adapter"
    case (.lost(let sender), .address(let address)):
      "\(sender.title) answers no more, neither by its number nor at address \(address): wait a minute, and run "
        + "`meterbridge scan`"
    case (.lost(let sender), .baud(let rate)):
      "\(sender.title) answers neither at \(rate) nor at \(line.baud) baud: many meters fall back after some minutes"
    }
  }
}

extension MBusSender {
  /// `meter 12345678 KAM`, as far as the answer tells.
  var title: String {
    guard identity.count >= 4 else { return "the meter" }
    let maker = identity.count >= 6 ? MeterIdentity.letters(UInt16(identity[4]) | UInt16(identity[5] & 0x7F) << 8) : nil
    return ["meter", Hexadecimal.text(identity.prefix(4).reversed()), maker].compactMap(\.self).joined(separator: " ")
  }
}
