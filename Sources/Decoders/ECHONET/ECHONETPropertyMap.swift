/// The list of properties in 9D, 9E and 9F (ECHONET Lite specification, part II, appendix 1).
package enum ECHONETPropertyMap {
  /// The codes, ascending; nil if the data is not a map or its count is wrong.
  ///
  /// Up to 15 codes stand one by one behind their count. From 16 on there are 16 bytes of bits: bit j of byte i is the
  /// code with the digits j + 8 and i.
  package static func codes(_ data: Span<UInt8>) -> [UInt8]? {
    guard data.count > 0 else { return nil }
    let count = Int(data[0])
    var codes: [UInt8] = []
    if count < 16 {
      guard data.count == count + 1 else { return nil }
      for index in 1..<data.count { codes.append(data[index]) }
    } else {
      guard data.count == 17 else { return nil }
      for bit in UInt8(0)..<8 {
        for low in UInt8(0)..<16 where data[Int(low) + 1] >> bit & 1 == 1 { codes.append((bit + 8) << 4 | low) }
      }
      guard codes.count == count else { return nil }
    }
    return codes.sorted()
  }
}
