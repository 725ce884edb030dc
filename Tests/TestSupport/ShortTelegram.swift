import Decoders

/// Ten bytes: an answer of the slave with this address, without a header.
package func shortTelegram(_ number: UInt8) -> [UInt8] {
  MBusFrame.long(control: 0x08, address: number, information: 0x78, data: [number]).bytes
}
