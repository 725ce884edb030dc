/// FNV-1a, 64 bit: the same in every run, unlike the standard library's hashes.
///
/// - Parameters:
///   - bytes: what is hashed.
///   - before: the hash of what comes before them.
/// - Returns: the hash of both.
package func stableHash(_ bytes: some Sequence<UInt8>, after before: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
  bytes.reduce(before) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}
