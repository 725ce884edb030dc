/// A reduced identification code A-B:C.D.E*F (IEC 62056-61); F is 255 if the wire does not name it.
package struct Obis: Hashable, Sendable, BitwiseCopyable {
  /// Medium.
  package var a: UInt8
  /// Channel.
  package var b: UInt8
  /// Quantity.
  package var c: UInt8
  /// Kind of measurement.
  package var d: UInt8
  /// Tariff.
  package var e: UInt8
  /// Billing period.
  package var f: UInt8

  package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8 = 255) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
  }
}

extension Obis: CustomStringConvertible {
  /// `1-0:1.8.1*255`.
  package var description: String { "\(a)-\(b):\(c).\(d).\(e)*\(f)" }
}

extension Obis {
  /// C, D and E as one number, for switches: `0x01_08_01` is 1.8.1.
  var cde: UInt32 { UInt32(c) << 16 | UInt32(d) << 8 | UInt32(e) }
}
