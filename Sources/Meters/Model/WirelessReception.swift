/// How a receiver of wireless M-Bus is set up, as configured.
package struct WirelessReception: Equatable, Sendable {
  /// The make of a receiver that takes commands, or what another one writes by itself.
  package enum Receiver: String, CaseIterable, Sendable { case auto, im871a, amb8465, cul, rc1180, lines, frames }

  /// The modes of EN 13757-4 to hear.
  package enum Mode: String, CaseIterable, Sendable { case both = "c1+t1", c1, t1, s1, n1a }

  package var receiver = Receiver.auto
  /// Nil: C1 and T1 at once, or what the receiver can hear.
  package var mode: Mode?

  package init() {}
}
