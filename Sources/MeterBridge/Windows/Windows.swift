internal import Base
internal import Documents
internal import Glibc
internal import HTTP
internal import Meters
internal import Platform

/// The web server and the senders while the program runs.
final class Windows {
  /// Nil without a section `http`.
  let routes: Routes?
  private var listener: HTTPListener?
  private var senders: [UDPSender]
  private var emulations: [EmulatedDevice]

  /// Nil without a section `http` or `udp`. Without the first libmicrohttpd is not loaded.
  init?(_ configuration: Configuration) {
    guard configuration.http != nil || !configuration.udp.isEmpty else { return nil }
    routes = configuration.http.map { Routes($0) }
    listener = configuration.http.map { HTTPListener($0.listen, AccessRules($0)) }
    senders = configuration.udp.map { UDPSender($0) }
    emulations = configuration.http?.emulations.map { EmulatedDevice($0) } ?? []
  }

  /// What the loop waits for.
  var interests: [PollInterest] {
    (listener?.server?.interests ?? []) + senders.compactMap(\.interest) + emulations.flatMap(\.interests)
  }

  /// When `service` is due.
  func deadline(at now: Instant) -> Instant? {
    ([listener?.deadline(at: now)] + senders.map(\.deadline) + emulations.map { $0.deadline(at: now) })
      .compactMap(\.self).min()
  }

  /// One round of the server.
  func serve(now: Instant, _ answer: @escaping (HTTPRequest) -> HTTPResponse) {
    listener?.open(now: now)
    listener?.server?.service(now: now, answer)
  }

  /// One round of the senders and the emulated meters.
  func show(_ store: MeterStore, _ lookup: LookupThread, now: Instant) {
    for index in emulations.indices { emulations[index].service(store, now: now) }
    for index in senders.indices { senders[index].service(store, lookup, now: now) }
  }
}

extension AccessRules {
  /// Those of the section `http`.
  init(_ settings: HTTPSettings) {
    let credentials = Credentials(
      username: settings.username, password: settings.password, token: settings.token,
      digest: { SHA256.digest($0) ?? [] })
    self.init(hosts: Set(settings.hosts).union([Self.machineName]), credentials: credentials)
    isOnlyForIngress = settings.isOnlyForIngress
  }

  private static var machineName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
  }
}
