internal import Decoders

/// A fault between a program and its meter on the B-route.
package enum BRouteFault: String, Sendable, CaseIterable {
  case answerDropped = "answer-dropped"
  case answerLate = "answer-late"
  case sendingFailed = "sending-failed"
  case neighbourSolicitation = "neighbour-solicitation"
  case busy
  case refused = "sna"
  case partlyRefused = "sna-partial"
  case wrongTransaction = "wrong-tid"
  case truncated
  case duplicated
  case spliced
  case lineCut = "line-cut"
  case okLost = "ok-lost"
  case bytesLost = "bytes-lost"
  case inputError = "er09"
  case renewalFailed = "reauth-failed"
  case renewalSilent = "reauth-silent"

  case hangUp = "hang-up"
  case powerCycle = "power-cycle"
  case move
  case noise
  case renewal = "reauth"
  case notification = "inf"
  case confirmedNotification = "infc"

  case noBeacon = "no-beacon"
  case joinRefused = "join-refused"
  case joinSilent = "join-silent"
  case airtimeLimit = "airtime-limit"
  case outOfReach = "out-of-reach"
  case noPower = "no-power"

  /// How long a fault lasts.
  enum Duration: Sendable {
    /// It strikes the next command, answer or renewal that it can strike, and ends.
    case once
    /// It happens now.
    case moment
    /// It lasts until an order ends it.
    case lasting
  }

  var duration: Duration {
    switch self {
    case .answerDropped, .answerLate, .sendingFailed, .neighbourSolicitation, .busy, .refused, .partlyRefused,
      .wrongTransaction, .truncated, .duplicated, .spliced, .lineCut, .okLost, .bytesLost, .inputError, .renewalFailed,
      .renewalSilent:
      .once
    case .hangUp, .powerCycle, .move, .noise, .renewal, .notification, .confirmedNotification: .moment
    case .noBeacon, .joinRefused, .joinSilent, .airtimeLimit, .outOfReach, .noPower: .lasting
    }
  }

  /// Whether it strikes a datagram on its way to the meter, or the answer to it.
  var strikesSending: Bool {
    switch self {
    case .inputError, .bytesLost, .renewalFailed, .renewalSilent: false
    default: duration == .once
    }
  }

  /// For the help.
  package var summary: String {
    switch self {
    case .answerDropped: "the meter's answer is lost"
    case .answerLate: "the answer comes after 14 s"
    case .sendingFailed: "the datagram does not reach the meter (EVENT 21 01)"
    case .neighbourSolicitation: "the meter is looked for first (EVENT 21 02)"
    case .busy: "the module refuses to send (ER10)"
    case .refused: "the meter refuses everything (Get_SNA)"
    case .partlyRefused: "the meter refuses the first property (Get_SNA)"
    case .wrongTransaction: "the answer has another TID"
    case .truncated: "the answer lacks its last byte"
    case .duplicated: "the answer comes twice"
    case .spliced: "half of the answer runs into a notification"
    case .lineCut: "half of the answer, and no line's end"
    case .okLost: "no OK to SKSENDTO"
    case .bytesLost: "half of the data of SKSENDTO does not reach the module"
    case .inputError: "the next command is answered with ER09"
    case .renewalFailed: "the session is not renewed (EVENT 29, 24)"
    case .renewalSilent: "the session is not renewed (EVENT 29 and nothing more)"
    case .hangUp: "the meter closes the session (EVENT 26, 27)"
    case .powerCycle: "the module restarts and forgets everything"
    case .move: "the meter moves to another channel and PAN"
    case .noise: "meaningless bytes"
    case .renewal: "the session is renewed now"
    case .notification: "the meter announces its scheduled energies now (INF)"
    case .confirmedNotification: "the same, to be confirmed (INFC)"
    case .noBeacon: "no scan finds the meter"
    case .joinRefused: "the meter refuses every join"
    case .joinSilent: "a join gets OK and nothing more"
    case .airtimeLimit: "the limit of air time is reached (EVENT 32, 33)"
    case .outOfReach: "the meter cannot be reached"
    case .noPower: "the module is dead"
    }
  }
}

/// An order to a simulated dongle, on its command line or while it runs.
package enum BRouteOrder: Equatable, Sendable {
  case fault(BRouteFault, count: Int)
  /// Ends a lasting fault.
  case end(BRouteFault)
  /// Sets a property; empty data removes it from the meter.
  case property(UInt8, [UInt8])
  /// Asks for the counters.
  case counters

  /// A larger number is a typing error.
  private static let mostFaults = 10_000

  /// Reads the words of an order; nil for any other words.
  ///
  /// Orders are `answer-dropped`, `answer-dropped 3`, `out-of-reach off`, `E7 FFFFFE0C`, `D3 none`, `counters`.
  init?(_ words: [String]) {
    guard let first = words.first, words.count <= 2 else { return nil }
    let second = words.dropFirst().first
    if first == "counters", second == nil {
      self = .counters
    } else if let fault = BRouteFault(rawValue: first) {
      switch (fault.duration, second) {
      case (.lasting, "off"): self = .end(fault)
      case (.lasting, nil), (.lasting, "on"): self = .fault(fault, count: 1)
      case (_, nil): self = .fault(fault, count: 1)
      case (.once, let count?):
        guard let count = Int(count), (1...Self.mostFaults).contains(count) else { return nil }
        self = .fault(fault, count: count)
      default: return nil
      }
    } else if let code = BRouteOrder.code(first), let data = second.flatMap(BRouteOrder.data) {
      self = .property(code, data)
    } else {
      return nil
    }
  }

  /// Two hexadecimal digits from 80 on.
  package static func code(_ text: String) -> UInt8? {
    guard text.utf8.count == 2, let code = UInt8(text, radix: 16), code >= 0x80 else { return nil }
    return code
  }

  /// The data of a property in hexadecimal; `none` removes the property.
  static func data(_ text: String) -> [UInt8]? {
    if text == "none" { return [] }
    guard let data = Hexadecimal.bytes(text.utf8), (1...255).contains(data.count) else { return nil }
    return data
  }
}
