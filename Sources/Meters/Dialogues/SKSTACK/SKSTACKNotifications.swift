internal import Decoders

/// Messages that the meter sends by itself. They come in any phase, so this outlives the phases.
struct SKSTACKNotifications: Sendable {
  private static let mostConfirmations = 4
  /// Notifications come every half hour.
  private static let mostHeld = 4

  /// Confirmations that wait to be sent to the meter. A running session also sends earlier ones.
  private var confirmations: [[UInt8]] = []
  private var last: [UInt8] = []
  /// Notifications that wait for unit and coefficient of their energies.
  private var held: [[UInt8]] = []

  /// Takes a notification; false for a repetition.
  mutating func received(_ frame: ECHONETFrame, _ bytes: [UInt8]) -> Bool {
    if frame.service == .confirmedNotification, confirmations.count < Self.mostConfirmations {
      confirmations.append(
        ECHONETFrame.toMeter(
          .confirmation, transaction: frame.transaction, properties: frame.properties.map(\.code)))
    }
    // A meter that has not heard our confirmation repeats itself.
    guard bytes != last else { return false }
    last = bytes
    if held.count >= Self.mostHeld { held.removeFirst() }
    held.append(bytes)
    return true
  }

  mutating func nextConfirmation() -> [UInt8]? { confirmations.isEmpty ? nil : confirmations.removeFirst() }

  mutating func dropConfirmations() { confirmations = [] }

  mutating func takeHeld() -> [[UInt8]] {
    defer { held = [] }
    return held
  }
}
