import Decoders
import Testing
import TestSupport

@testable import Simulator

/// HDLC frames of one telegram; all but the last say that more follow.
private func hdlc(_ pieces: [[UInt8]]) -> [[UInt8]] {
  func check(_ bytes: [UInt8]) -> [UInt8] {
    let crc = CRC16.x25(bytes.span)
    return bytes + [UInt8(crc & 255), UInt8(crc >> 8)]
  }
  return pieces.enumerated().map { index, piece in
    let length = piece.count + 10
    let format: [UInt8] = [0xA0 | (index < pieces.count - 1 ? 8 : 0) | UInt8(length >> 8), UInt8(length & 255)]
    return [0x7E] + check(check(format + [0xCF, 0x02, 0x23, 0x13]) + piece) + [0x7E]
  }
}

/// A notification with the import register at so many Wh.
private func push(_ wattHours: UInt32) -> [[UInt8]] {
  let value = (0..<4).reversed().map { UInt8(truncatingIfNeeded: wattHours >> UInt32(8 * $0)) }
  let head: [UInt8] = [0xE6, 0xE7, 0x00, 0x0F, 0, 0, 0, 1, 0, 0x02, 0x06, 0x09, 6, 1, 0, 1, 8, 0, 255, 0x06]
  let tail: [UInt8] = [0x02, 2, 0x0F, 0, 0x16, 30, 0x09, 6, 1, 0, 1, 7, 0, 255, 0x06, 0, 0, 1, 0xF4]
  return hdlc([head + value, tail + [0x02, 2, 0x0F, 0, 0x16, 27]])
}

@Test("a pause inside a telegram loses nothing over a gateway")
func pauseInTelegram() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let witness = try Witness(broker)
  let dlms = try Gateway { client in
    for frame in push(1_234_567) + push(1_234_570) {
      client.send(frame)
      client.pause(milliseconds: 3000)
    }
    client.pause(milliseconds: 60_000)
  }
  let p1 = try Gateway { client in
    for number in [1_000, 1_001] {
      let telegram = ScriptedMeter.telegram(number)
      client.send(Array(telegram[..<40]))
      client.pause(milliseconds: 3500)
      client.send(Array(telegram[40...]))
      client.pause(milliseconds: 1000)
    }
    client.pause(milliseconds: 60_000)
  }
  try bridge.configure(
    """
      - {id: netz, protocol: dlms, source: "tcp://127.0.0.1:\(dlms.port)"}
      - {id: grid, protocol: p1, source: "tcp://127.0.0.1:\(p1.port)"}
    """)
  try bridge.run()
  func readings(_ id: String, _ field: String, _ value: String) -> Int {
    witness.lines.count {
      $0.hasPrefix("meterbridge/\(id)/reading ") && $0.contains("\"name\":\"\(field)\",\"value\":\(value),")
    }
  }
  #expect(
    eventually {
      readings("netz", "energy_import", "1234.567") == 1 && readings("netz", "energy_import", "1234.570") == 1
        && readings("grid", "energy_import_t1", "1.000") == 1 && readings("grid", "energy_import_t1", "1.001") == 1
    })
  #expect(bridge.deadLetters.isEmpty)
  bridge.end()
}
