/// An ECHONET Lite frame with its properties.
package struct ECHONETContent: TelegramContent {
  package let frame: ECHONETFrame
  package let records: [ECHONETRecord]
}
