internal import Base
internal import Decoders

/// Datagrams of the meter.
extension SKSTACKSession {
  mutating func handle(_ datagram: SKSTACKDatagram, now: Instant) {
    guard datagram.destinationPort == SKSTACKDatagram.echonetPort, !datagram.isAuthentication else { return }
    // Any radio could have sent an unencrypted datagram.
    guard datagram.isProtected else {
      return reject(datagram.data, DecodeError(.unprotected, at: 0, found: datagram.data.count))
    }
    let frame: ECHONETFrame
    do throws(DecodeError) { frame = try ECHONETFrame(datagram.data.span) } catch {
      return reject(datagram.data, error)
    }
    if let quality = datagram.linkQuality { measured(quality) }
    switch polls.received(frame, datagram.data, now: now) {
    case .answer(let isEmpty):
      recovery.succeeded()
      // A meter that refuses all of several properties is busy. One that refuses a single property lacks it.
      if !isEmpty || frame.properties.count == 1 { outputs.append(.readout(meter: 0, frames: [datagram.data])) }
    case .notification: guard notifications.received(frame, datagram.data) else { return }
    case .stray: return
    }
    if polls.knowsScaling { outputs += notifications.takeHeld().map { .readout(meter: 0, frames: [$0]) } }
  }

  mutating func measured(_ linkQuality: UInt8) {
    for news in signal.measured(SKSTACKDatagram.signalStrength(linkQuality)) { tell(news) }
  }
}
