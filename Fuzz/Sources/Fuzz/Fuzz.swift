import Decoders
import Glibc

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// The fuzz targets; the environment variable `FUZZ_TARGET` selects one.
///
/// Framers are fed whole and in pieces. Where a check value would keep mutated bytes from the decoder, the decoder gets
/// them a second time past it.
enum Target: String, CaseIterable {
  case mbus, p1, dlms, axdr
  /// Readouts, and a dialogue with a meter that sends anything.
  case d0
  /// Frames of wireless M-Bus, with check values or not.
  case wmbus
  /// The framings of receivers that take commands, and their dialogue; the first byte says which receiver it is.
  case receiver
  case sml
  case encryptedP1 = "p1-encrypted"
  /// ECHONET Lite frames, and the lines of a Wi-SUN dongle from a recording.
  case echonet
  /// A dongle with a session in front of it.
  case skstack
  /// A gateway that speaks Telnet or not; the first byte says whether its port is to be set.
  case telnet
  /// A file for `decode`, or a page of a web server.
  case page
  /// A configuration.
  case yaml
  /// The state file.
  case state
  /// The dead-letter log.
  case replay
  /// What a client sends to the web server.
  case http
  /// Events of the broker: messages on our topics, and connections that come and go.
  case broker
  /// What Home Assistant answers, as frames of a WebSocket, and as one answer in each line.
  case homeAssistant = "home-assistant"

  func take(_ input: [UInt8]) {
    switch self {
    case .mbus:
      run(input, MBusFramer(), MBusDecoder(), filler: [])
      guard (3...255).contains(input.count) else { return }
      decode([longFrame(input)], MBusDecoder())
      publish([longFrame(input)], .mbus)
    case .wmbus: checkWireless(input)
    case .receiver: checkReceiver(input)
    case .p1:
      run(input, P1Framer(), P1Decoder(), filler: [0x0D, 0x0A])
      decode([input], P1Decoder())
      publish([input], .p1)
    case .d0: checkD0(input)
    case .dlms:
      run(input, DLMSFramer(), DLMSDecoder(openSettings), filler: [0x7E], holds: true)
      run(input, DLMSFramer(ignoresChecksums: true), DLMSDecoder(openSettings), filler: [0x7E], holds: true)
    case .sml:
      run(input, SMLFramer(), SMLDecoder(), filler: [])
      let file = smlFile(input)
      decode([file], SMLDecoder())
      publish([file], .sml)
    case .axdr:
      decode([input], DLMSDecoder(openSettings))
      publish([input], .dlms)
    case .encryptedP1: run(input, P1Framer(), P1PortDecoder(openCipher), filler: [0x0D, 0x0A])
    case .echonet: checkECHONET(input)
    case .skstack: checkSKSTACK(input)
    case .telnet: checkTelnet(input)
    case .page: checkPage(input)
    case .yaml: checkConfiguration(input)
    case .state: checkState(input)
    case .replay: checkReplay(input)
    case .http: checkHTTP(input)
    case .broker: checkBroker(input)
    case .homeAssistant: checkHomeAssistant(input)
    }
  }
}

private let target = {
  let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
  guard let target = Target(rawValue: name) else {
    print("FUZZ_TARGET must be one of \(Target.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(name)\".")
    // Not `exit`, which libFuzzer takes for a finding.
    fflush(nil)
    _exit(EX_USAGE)
  }
  return target
}()

/// libFuzzer has the program's entry point, and calls this with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func take(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.take(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
