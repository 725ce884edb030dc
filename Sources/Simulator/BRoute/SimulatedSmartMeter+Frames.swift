internal import Decoders

/// The frames of a simulated meter.
extension SimulatedSmartMeter {
  /// The properties that the meter refuses.
  enum Refusal: Sendable { case everything, first }

  /// The answer to a request; nil for a request without an answer.
  mutating func answer(_ request: [UInt8], refusing refusal: Refusal? = nil) -> [UInt8]? {
    guard let frame = try? ECHONETFrame(request.span), frame.destination == .meter else { return nil }
    switch frame.service {
    case .get: return get(frame, refusal)
    case .setC, .setI: return set(frame, request, refusal)
    default: return nil
    }
  }

  private func get(_ request: ECHONETFrame, _ refusal: Refusal?) -> [UInt8] {
    let codes = request.properties.map(\.code)
    let values = codes.enumerated().map { place, code in
      refusal == .everything || (refusal == .first && place == 0) ? nil : data(code)
    }
    let isWhole = values.allSatisfy { $0 != nil }
    return Self.frame(
      isWhole ? .getResponse : .getRefused, request.transaction, to: request.source,
      zip(codes, values).map { ($0, $1 ?? []) })
  }

  private mutating func set(_ request: ECHONETFrame, _ bytes: [UInt8], _ refusal: Refusal?) -> [UInt8]? {
    // An accepted property comes back without its data.
    let results = request.properties.map { property in
      let data = property.data.indices.map { bytes[$0] }
      return (property.code, refusal == nil && set(property.code, data) ? [] : data)
    }
    let isWhole = results.allSatisfy { $0.1.isEmpty }
    if isWhole {
      return request.service == .setI ? nil : Self.frame(.setResponse, request.transaction, to: request.source, results)
    }
    let service = request.service == .setI ? ECHONETService.setIRefused : .setCRefused
    return Self.frame(service, request.transaction, to: request.source, results)
  }

  /// The announcement of the energies at the last full or half hour.
  func announcement(_ service: ECHONETService, transaction: UInt16) -> [UInt8]? {
    let values = [0xEA, 0xEB].compactMap { code in data(code).map { (code as UInt8, $0) } }
    guard !values.isEmpty else { return nil }
    return Self.frame(service, transaction, to: .controller, values)
  }

  /// The announcement of a node that has joined: its one instance.
  static func instances() -> [UInt8] {
    frame(.notification, 0, from: .nodeProfile, to: .nodeProfile, [(0xD5, [1] + ECHONETObject.meter.bytes)])
  }

  private static func frame(
    _ service: ECHONETService, _ transaction: UInt16, from source: ECHONETObject = .meter, to: ECHONETObject,
    _ properties: [(UInt8, [UInt8])]
  ) -> [UInt8] {
    var frame: [UInt8] = [0x10, 0x81, UInt8(transaction >> 8), UInt8(truncatingIfNeeded: transaction)]
    frame += source.bytes + to.bytes + [service.rawValue, UInt8(properties.count)]
    for (code, data) in properties { frame += [code, UInt8(data.count)] + data }
    return frame
  }
}
