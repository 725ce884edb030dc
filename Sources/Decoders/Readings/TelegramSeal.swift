/// The mark of the cipher around a telegram: it tells repeated telegrams from new ones.
///
/// Only a telegram that a meter's key has opened, or whose tag fits, has one. All others prove nothing.
package struct TelegramSeal: Hashable, Sendable {
  /// The sender by its cipher, such as the eight bytes of a DLMS system title.
  package var sender: UInt64
  /// Part of the nonce. It rises with every telegram.
  package var counter: UInt32
  /// A tag over text and counter fits.
  package var isVerified: Bool
  /// The telegram as it came.
  package var frame: [UInt8]

  package init(sender: UInt64, counter: UInt32, isVerified: Bool, frame: [UInt8]) {
    self.sender = sender
    self.counter = counter
    self.isVerified = isVerified
    self.frame = frame
  }
}
