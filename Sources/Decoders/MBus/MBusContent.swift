/// An M-Bus telegram as on the wire.
package struct MBusContent: TelegramContent {
  package let header: MBusHeader
  package let records: [MBusRecord]
}
