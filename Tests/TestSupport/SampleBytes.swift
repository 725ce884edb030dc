import Foundation

/// The bytes of a sample's first telegram: `dlms/kaifa-ma309m-plain`.
package func sampleBytes(_ name: String) throws -> [UInt8] {
  let text = try String(contentsOf: repository.appending(path: "Tests/Samples/\(name).sample"), encoding: .utf8)
  let lines = text.split(separator: "\n").drop { !$0.hasPrefix("telegram:") }.prefix { $0.hasPrefix("telegram:") }
  return lines.flatMap { $0.split(separator: " ").dropFirst().compactMap { UInt8($0, radix: 16) } }
}
