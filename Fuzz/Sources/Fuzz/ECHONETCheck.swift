import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// Frames and a dongle's lines from a recording, and the bytes themselves as one frame.
func checkECHONET(_ input: [UInt8]) {
  let whole = frames(framed(input, ECHONETFramer(), piece: max(1, input.count)))
  let pieces = frames(framed(input, ECHONETFramer(), piece: 1 + input.count % 16))
  precondition(whole == pieces, "other pieces, other frames")
  decode(whole, ECHONETDecoder())
  // Of a meter whose unit is known, and twice, as what came before counts.
  decode([input, input], ECHONETDecoder(energyUnit: 1, coefficient: 30))
  publish(whole + [input], .echonet)
  if let codes = ECHONETPropertyMap.codes(input.span) {
    precondition(codes.count == input[0] && codes == codes.sorted(), "a map with other codes than it counts")
  }
  do throws(DecodeError) {
    let frame = try ECHONETFrame(input.span)
    try checkWriting(frame)
  } catch {
    precondition(!error.description.isEmpty)
  }
}

/// Checks that a written frame can be read.
private func checkWriting(_ frame: ECHONETFrame) throws(DecodeError) {
  let codes = frame.properties.map(\.code)
  for property in frame.properties {
    precondition(property.data.indices.upperBound <= 12 + 255 * 257, "data outside its frame")
  }
  let bytes = ECHONETFrame.toMeter(.get, transaction: frame.transaction, properties: codes)
  let written = try ECHONETFrame(bytes.span)
  precondition(written.transaction == frame.transaction && written.properties.map(\.code) == codes)
}
