import Decoders

@testable import Base
@testable import Meters

/// A P1 telegram of version 5 with its checksum.
func p1Telegram(_ lines: String...) -> [UInt8] {
  let text = "/XYZ5TEST\r\n\r\n1-3:0.2.8(50)\r\n" + lines.map { $0 + "\r\n" }.joined() + "!"
  let checksum = String(CRC16.arc(Array(text.utf8).span), radix: 16, uppercase: true)
  return Array((text + String(repeating: "0", count: 4 - checksum.count) + checksum + "\r\n").utf8)
}

let gasChannel = [
  "0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031323334353637383930)", "0-1:24.2.1(261120120000W)(01234.567*m3)",
]

func p1Meter(_ change: (inout MeterSettings) -> Void = { _ in }) -> MeterSettings {
  var settings = MeterSettings(id: "grid", meterProtocol: .p1, source: .standardInput, sourceText: "-")
  change(&settings)
  return settings
}

let receiptTime = WallTime(milliseconds: 1_795_172_401_250)

func instant(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

extension [MeterOutput] {
  var publications: [Publication] { compactMap { if case .publication(let it) = $0 { it } else { nil } } }
  var letters: [DeadLetter] { compactMap { if case .deadLetter(let it) = $0 { it } else { nil } } }
  var availability: [String] {
    compactMap { if case .availability(let device, let online) = $0 { "\(device) \(online)" } else { nil } }
  }
}
