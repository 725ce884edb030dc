/// An M-Bus telegram as it is on the wire.
package struct MBusContent: TelegramContent {
  package let header: MBusHeader
  package internal(set) var records: [MBusRecord]
  /// The bytes with each number's least significant byte first; nil where the telegram has them so.
  package internal(set) var reordered: [UInt8]?
}
