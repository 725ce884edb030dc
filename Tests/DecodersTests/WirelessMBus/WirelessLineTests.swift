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

  /// A line of rtl_433.
  private func rtl433(
    _ data: some Sequence<UInt8>, _ members: String = #""M":"AQU","id":70112233,"version":33,"type":"0x07""#,
    control: String = "0x44", model: String = "Wireless-MBus"
  ) -> WirelessLine? {
    let digits = Hexadecimal.text(data, uppercase: false)
    let head = #"{"time":"2026-01-02 03:04:05","model":"\#(model)","mode":"C",\#(members),"type_string":"Water","#
    return line(head + #""C":"\#(control)","CI":"0x7A","data":"\#(digits)","rssi":-12.3}"#)
  }

  @Test(
    "rtl_433 has the frame in `data`, each version in its own way, and no level in dBm", arguments: [4, 15, 16, 40])
  func rtl433(fill: Int) throws {
    let plain = WirelessBuilder.stripped([0x7A, 1, 0, 0, 0] + [UInt8](repeating: 0x2F, count: fill))
    let rest = Array(plain.dropFirst())
    func told(_ line: WirelessLine?) -> [UInt8]? { line?.signalStrength == nil ? line?.frame : [] }
    #expect(told(rtl433(plain)) == plain)
    // To 19.08: what stands behind the head.
    #expect(told(rtl433(plain.dropFirst(10), model: "Wireless M-Bus")) == plain)
    #expect(told(rtl433(plain.dropFirst(10), control: "68")) == plain)
    // 20.11 to 23.11: a length that is too low, and the last check value of format A.
    var old: [UInt8] = [plain[0] - 2] + rest
    old += WirelessBuilder.formatA(plain).suffix(2)
    #expect(told(rtl433(old)) == plain)
    old[old.count - 1] ^= 1
    #expect(told(rtl433(old)) == old)
    // Since 24.10: the length of format B. 24.10 also leaves two bytes out.
    let formatB: [UInt8] = [plain[0] + 2] + rest
    #expect(told(rtl433(formatB)) == plain)
    let cut = Array(formatB.dropLast(2))
    #expect(told(rtl433(cut)) == cut)
  }

  @Test("a head of rtl_433 is only put where one is missing, and never made up")
  func heads() throws {
    let payload = Array(stripped.dropFirst(10))
    func numbered(_ id: String) -> WirelessLine? {
      rtl433(payload, #""M":"AQU","id":\#(id),"version":33,"type":"0x07""#)
    }
    #expect(numbered("112233")?.frame[4..<8] == [0x33, 0x22, 0x11, 0x00])
    #expect(numbered("5 ")?.frame[4..<8] == [0x05, 0x00, 0x00, 0x00])
    // rtl_433 knows no number with other digits, such as 7011223A; the frame has it.
    var other = stripped
    other[4] = 0x3A
    #expect(rtl433(other)?.frame == other)
    // The manufacturer has a bit that is not of its letters.
    other[3] |= 0x80
    #expect(rtl433(other)?.frame == other)
    for members in [
      #""M":"A?U","id":70112233,"version":33,"type":"0x07""#, #""M":"AQU","id":"","version":33,"type":"0x07""#,
      #""M":"AQU","id":701122334,"version":33,"type":"0x07""#, #""M":"AQU","id":70112233,"version":333,"type":"0x07""#,
      #""M":"AQU","id":70112233,"type":"0x07""#,
    ] {
      #expect(rtl433(payload, members)?.frame == payload, "\(members)")
    }
    #expect(rtl433([0x21] + payload)?.frame == [0x21] + payload)
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
