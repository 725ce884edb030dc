import Testing

@testable import Decoders

private let stripped = WirelessBuilder.stripped([0x7A, 1, 0, 0, 0, 0x0C, 0x13, 0x45, 0x23, 0x01, 0x00])
private let digits = Hexadecimal.text(stripped)

private func line(_ text: String) -> WirelessLine? { WirelessLine(Array(text.utf8)) }

@Suite struct WirelessLineTests {
  @Test("digits may have blanks, bars and line ends between them")
  func digitsAlone() {
    let marked = "\(digits.prefix(22))_|\(digits.dropFirst(22))|"
    for text in [digits, digits.lowercased() + "\r", "  0x\(digits)", marked] {
      #expect(line(text)?.frame == stripped, "\(text)")
    }
    for text in ["", "  ", "hello", "2E4", "{}", "T1;1;1", "T1;1;1;time;97;148;88888888;0xZZ"] {
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
    let text = #"{"model":"Wireless-MBus","id":70112233,"data" : "\#(digits)","rssi": -83.5,"CI":"0x7a"}"#
    #expect(line(text)?.frame == stripped)
    #expect(line(text)?.signalStrength == -83)
    #expect(line(#"{"telegram":"\#(digits)"}"#)?.frame == stripped)
    #expect(line(#"{"model":"Other","data":"no digits"}"#) == nil)
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
