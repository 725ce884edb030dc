internal import Base
internal import Documents
internal import HTTP
internal import Meters
internal import Platform

/// A meter under the interface of another maker, on an address of its own. Everyone who reaches it may ask, and nothing that
/// it answers changes anything.
struct EmulatedDevice {
  private let settings: EmulationSettings
  private var listener: HTTPListener
  /// Batteries ask a Shelly by UDP too.
  private var datagrams: DatagramListener?

  init(_ settings: EmulationSettings) {
    self.settings = settings
    listener = HTTPListener(settings.listen, .open)
    datagrams = settings.kind == .shellyPro3EM ? DatagramListener(settings.listen) : nil
  }

  /// What the loop waits for.
  var interests: [PollInterest] { (listener.server?.interests ?? []) + [datagrams?.interest].compactMap(\.self) }

  /// When `service` is due.
  func deadline(at now: Instant) -> Instant? {
    [listener.deadline(at: now), datagrams?.deadline].compactMap(\.self).min()
  }

  /// One round of the loop.
  mutating func service(_ store: MeterStore, now: Instant) {
    let settings = settings
    listener.open(now: now)
    listener.server?.service(
      now: now, { Self.response(to: $0, settings, store) },
      messages: { call in store[settings.meter].flatMap { ShellyPro3EM($0).frame(answering: call) } })
    datagrams?.service(now: now) { call in
      guard let meter = store[settings.meter], case .json(let bytes) = ShellyPro3EM(meter).answer(to: call) else {
        return nil
      }
      return bytes
    }
  }

  private static func response(
    to request: HTTPRequest, _ settings: EmulationSettings, _ store: MeterStore
  ) -> HTTPResponse {
    if settings.kind == .shellyPro3EM, request.path == "/rpc", HTTPResponse.isWanted(by: request) {
      return .webSocket(request, sha1: SHA1.digest)
    }
    return response(answer(request, settings, store))
  }

  static func answer(_ request: HTTPRequest, _ settings: EmulationSettings, _ store: MeterStore) -> EmulatedAnswer {
    guard let meter = store[settings.meter] else { return .offline }
    switch (settings.kind, request.method) {
    case (.homewizard, .get), (.homewizard, .head):
      return HomeWizardP1(meter, subMeters: store.meters.filter { $0.device.parent == meter.id }).answer(request.path)
    case (.ecotracker, .get), (.ecotracker, .head): return EcoTracker(meter).answer(request.path)
    case (.shellyPro3EM, .post) where request.path == "/rpc": return ShellyPro3EM(meter).answer(to: request.body)
    case (.shellyPro3EM, _): return ShellyPro3EM(meter).answer(request.path)
    case (_, .post): return .unknown
    }
  }

  private static func response(_ answer: EmulatedAnswer) -> HTTPResponse {
    switch answer {
    case .json(let bytes): .json(bytes)
    case .text(let bytes): HTTPResponse(contentType: "text/plain; charset=utf-8", body: bytes)
    case .offline: .failure(503, "offline", "the meter is offline")
    case .unknown: .failure(404, "not_found", "this device does not have that")
    }
  }
}
