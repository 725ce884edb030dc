import Testing

@testable import Base
@testable import Meters

private func bytes(_ payload: String) -> [UInt8]? {
  TelegramPayload(IncomingTelegram(topic: "t", payload: Array(payload.utf8)))?.bytes
}

@Test("a telegram comes in bytes, hexadecimal digits, or as a text of a JSON object") func formsOfPayload() {
  let binary: [UInt8] = [0x68, 0x03, 0x03, 0x68, 0x00, 0xFF, 0x0A, 0x16]
  #expect(TelegramPayload(IncomingTelegram(topic: "t", payload: binary))?.bytes == binary)
  let hexadecimal = "68 03 0368\n00fF0a16 \r\n"
  #expect(bytes(hexadecimal) == binary && bytes("0x" + hexadecimal) == binary && bytes("0X680303680 0ff0a16") == binary)
  #expect(bytes(#"{"data":"0x6803036800FF0A16"}"#) == binary)
  #expect(bytes("0x") == Array("0x".utf8) && bytes("0x6") == Array("0x6".utf8))
  for name in ["telegram", "data", "raw"] {
    #expect(bytes(#"{"rssi":-70, "\#(name)" : "680303680 0ff0a16"}"#) == binary, "\(name)")
  }
  #expect(bytes(#"{"telegram":"/ISK5\\x\r\n\r\n!\r\n"}"#) == Array("/ISK5\\x\r\n\r\n!\r\n".utf8))
  // The first byte of a wireless frame may be a brace.
  #expect(bytes("{not JSON") == Array("{not JSON".utf8))
  #expect(bytes("/ISK5\r\n!\r\n") == Array("/ISK5\r\n!\r\n".utf8))
  #expect(bytes("680") == Array("680".utf8))
}

@Test(
  "a JSON object without a telegram in hexadecimal digits is refused",
  arguments: [
    #"{}"#, #"{"value":"6803"}"#, #"{"telegram":6803}"#, #"{"telegram":""}"#, #"{"telegram":"680"}"#,
    #"{"telegram":"aGFsbG8="}"#, #"{"telegram":["68"]}"#, #"{"telegram":null,"x":"68"}"#,
  ])
func objectWithoutTelegram(text: String) { #expect(bytes(text) == nil) }

@Test("a receiver of wireless M-Bus gets the message as it is, an object as one line") func payloadOfReceiver() {
  func line(_ payload: String) -> [UInt8]? {
    TelegramPayload(IncomingTelegram(topic: "t", payload: Array(payload.utf8)), isLine: true)?.bytes
  }
  #expect(line("2E44\n2E44\n") == Array("2E44\n2E44\n".utf8))
  #expect(line("{\"rssi\":-71,\r\n\"data\":\"2E44\"}\n") == Array("{\"rssi\":-71,\"data\":\"2E44\"}".utf8))
}

@Test("the time of the sender counts if it can be right") func timeOfSender() {
  let now = WallTime(milliseconds: 1_795_172_401_250, offset: 60)
  func received(_ time: String?, payload: String = "68") -> WallTime? {
    TelegramPayload(IncomingTelegram(topic: "t", payload: Array(payload.utf8), time: time))?.received(now)
  }
  let earlier = now.back(86_400_000)
  #expect(received(earlier.description) == earlier)
  #expect(received("\(earlier)")?.description.hasSuffix("+01:00") == true)
  #expect(received(nil, payload: #"{"telegram":"68","time":"\#(earlier)"}"#) == earlier)
  // A clock that is a little ahead means now.
  #expect(received(now.back(-30_000).description) == now)
  for wrong in [nil, "", "yesterday", now.back(-90_000).description, now.back(400 * 86_400_000).description] {
    #expect(received(wrong) == now, "\(wrong ?? "nil")")
  }
}

@Test("a forwarded telegram survives the journal, whatever its bytes are") func forwardedInJournal() throws {
  let telegram = ForwardedTelegram(
    meter: "grid", topic: "raw/grid", received: WallTime(milliseconds: 1_795_172_401_250, offset: 60),
    source: "/dev/ttyUSB0", protocolName: "p1", bytes: Array("\n\n\0a\n".utf8) + [0xFF, 0x0A])
  #expect(ForwardedTelegram(telegram.document, of: telegram.journalName) == telegram)
  #expect(ForwardedTelegram.meter(of: telegram.journalName) == "grid" && ForwardedTelegram.meter(of: "grid") == nil)
  #expect(ForwardedTelegram(telegram.document, of: "grid") == nil)
  #expect(ForwardedTelegram(Array("a\nb\nc\nd\n".utf8), of: telegram.journalName) == nil)
}
