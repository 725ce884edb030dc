import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

struct LineTraceTests {
  private static let identifier = "00112233445566778899AABBCCDDEEFF"
  private static let password = "0123456789AB"
  private static let credentials = SKSTACKCredentials(
    identifier: Secret(identifier), password: Secret(password))

  private static func hexadecimal(_ text: String) -> String { Hexadecimal.text(text.utf8) }

  @Test("bytes are shown in both directions, long pieces in several lines") func bothDirections() {
    var trace = LineTrace("/dev/ttyUSB0", credentials: nil)
    #expect(trace.sent([0x10, 0x40, 0xFE, 0x3E, 0x16]) == ["/dev/ttyUSB0: sent 1040FE3E16"])
    #expect(trace.received([0xE5]) == ["/dev/ttyUSB0: received E5"])
    let long = trace.received([UInt8](repeating: 0x55, count: 2500))
    #expect(long.count == 3 && long.allSatisfy { $0.utf8.count < 2100 })
    #expect(long.joined().count { $0 == "5" } == 5000)
  }

  @Test("a dongle's commands are shown without their secrets") func sentSecrets() {
    var trace = LineTrace("dongle", credentials: Self.credentials)
    let password = trace.sent(SKSTACKCommand.password.bytes(Self.credentials)).joined()
    let identifier = trace.sent(SKSTACKCommand.identifier.bytes(Self.credentials)).joined()
    #expect(password == "dongle: sent SKSETPWD and the secret, 25 bytes")
    #expect(identifier.hasPrefix("dongle: sent SKSETRBID and the secret"))
    #expect(trace.sent(Array("SKVER\r\n".utf8)) == ["dongle: sent \(Self.hexadecimal("SKVER\r\n"))"])
  }

  @Test("no part of a secret is shown in what comes back, however it is cut or damaged") func receivedSecrets() {
    var trace = LineTrace("dongle", credentials: Self.credentials)
    let inputs = [
      "SKSETPWD C \(Self.password)\r\nOK\r\n", "SxSETPWD C 0123x5678x9AB\r\n", "OK 0123x5678x9AB\r\n",
      "ERXUDP FE80:: FE80:: 02CC 02CC 0200 0 0004 00112233\r\n", "  PairID:CCDDEEFF\r\n",
      "ERXUDP FE80:: FE80:: 0E1A 0E1A 0200 0 0010 \(Self.identifier)\r\n",
      "\(Self.hexadecimal(Self.identifier))\r\n", "99AABBCC\r",
    ]
    var told: [String] = []
    for input in inputs {
      told += trace.sent(SKSTACKCommand.password.bytes(Self.credentials))
      // A byte at a time, as a slow port delivers them.
      for byte in input.utf8 { told += trace.received([byte]) }
      told += trace.sent(Array("SKSREG SA2 1\r\n".utf8))
      for byte in input.utf8 { told += trace.received([byte]) }
    }
    let text = told.joined(separator: "\n")
    for part in ["0123", "5678", "9AB", "0011", "CCDD", "AABB"] {
      #expect(!text.contains(part) && !text.contains(Self.hexadecimal(part)), "\(part)")
    }
    #expect(text.contains("bytes that are not shown"))
    // What it says of itself is shown again after the answer to a later command.
    #expect(trace.received(Array("OK\r\n".utf8)).contains("dongle: received 4F4B0D"))
    #expect(
      trace.received(Array("EVENT 25 FE80::\r".utf8)) == ["dongle: received \(Self.hexadecimal("EVENT 25 FE80::\r"))"])
  }
}
