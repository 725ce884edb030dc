import Testing

@testable import Decoders

private let stripped = WirelessBuilder.stripped([0x7A, 1, 0, 0, 0, 0x0C, 0x13, 0x45, 0x23, 0x01, 0x00])
private let digits = Hexadecimal.text(stripped)

private func line(_ text: String) -> WirelessLine? { WirelessLine(Array(text.utf8)) }

@Suite struct WirelessLineTests {
  @Test("digits may have blanks, bars and line ends between them")
  func digitsAlone() {
    let marked = "\(digits.prefix(22))_|\(digits.dropFirst(22))|"
    let logged = ["telegram=|\(marked)|+39", "telegram=\(digits)"]
    for text in [digits, digits.lowercased() + "\r", "  0x\(digits)", marked] + logged {
      #expect(line(text)?.frame == stripped, "\(text)")
    }
    let noise = ["T1;1;1", "T1;1;1;time;97;148;88888888;0xZZ", "telegram=", "telegram=|none|+1"]
    for text in ["", "  ", "hello", "2E4", "{}"] + noise {
      #expect(line(text) == nil)
    }
  }

  @Test("rtl_wmbus tells the frame, its checks and perhaps the level")
  func rtlWMBus() {
    let known = line("T1;1;1;2026-01-02 03:04:05.000;97;148;70112233;0x\(digits.lowercased());0xAA")
    #expect(known?.frame == stripped && known?.signalStrength == nil)
    let gateway = line("C1;1;1;2026-01-02 03:04:05.00Z;-71;;;0x\(digits)")
    #expect(gateway?.frame == stripped && gateway?.signalStrength == -71)
    #expect(line("T1;0;1;2026-01-02 03:04:05.000;97;148;70112233;0x\(digits)")?.frame == [])
  }

  @Test("of JSON only the frame and the level count")
  func json() {
    let text = #"{"id":70112233,"data" : "\#(digits)","rssi": -83.5,"CI":"0x7a"}"#
    #expect(line(text)?.frame == stripped)
    #expect(line(text)?.signalStrength == -83)
    #expect(line(#"{"telegram":"\#(digits)"}"#)?.frame == stripped)
    #expect(line(#"{"model":"Other","data":"no digits"}"#) == nil)
  }

  @Test("rtl_433 has the frame in `data`; older versions without its head. Its level is none in dBm")
  func rtl433() {
    func object(_ data: String, _ maker: String = "AQU") -> String {
      #"{"model":"Wireless-MBus","mode":"T","M":"\#(maker)","id":70112233,"version":33,"type":"0x07","#
        + #""type_string":"Water","C":"0x44","CI":"0x7A","data":"\#(data)","rssi":-12.3}"#
    }
    for data in [digits, String(digits.dropFirst(20))] {
      let told = line(object(data.lowercased()))
      #expect(told?.frame == stripped && told?.signalStrength == nil, "\(data)")
    }
    // A number with fewer digits begins with zeros.
    let short = line(object(String(digits.dropFirst(20))).replacing("70112233", with: "112233"))
    #expect(short?.frame.prefix(8) == [stripped[0], 0x44, 0x35, 0x06, 0x33, 0x22, 0x11, 0x00])
    #expect(line(object("7A0102", "?"))?.frame == [0x7A, 0x01, 0x02])
  }

  @Test("a CUL stick puts quality and level behind a frame in format A")
  func stick() {
    let frame = WirelessBuilder.formatA(stripped)
    let told = line("b\(Hexadecimal.text(frame))3390")
    #expect(told?.frame == frame)
    #expect(told?.signalStrength == -130)
    #expect(line("b\(Hexadecimal.text(frame))")?.frame == frame)
  }
}
