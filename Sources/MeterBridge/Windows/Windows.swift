internal import Base
internal import Glibc
internal import HTTP
internal import Meters
internal import Platform

/// The web server while the program runs.
final class Windows {
  let routes: Routes
  private var listener: HTTPListener

  /// Nil without a section `http`. Then libmicrohttpd is not loaded.
  init?(_ configuration: Configuration) {
    guard let settings = configuration.http else { return nil }
    routes = Routes(settings)
    listener = HTTPListener(settings.listen, AccessRules(settings))
  }

  /// What the loop waits for.
  var interests: [PollInterest] { listener.server.map { [$0.interest] } ?? [] }

  /// When `service` is due.
  func deadline(at now: Instant) -> Instant? { listener.deadline(at: now) }

  /// One round of the loop.
  func service(now: Instant, _ answer: (HTTPRequest) -> HTTPResponse) {
    listener.open(now: now)
    listener.server?.service(now: now, answer)
  }
}

extension AccessRules {
  /// Those of the section `http`.
  init(_ settings: HTTPSettings) {
    let credentials = Credentials(
      username: settings.username, password: settings.password, token: settings.token,
      digest: { SHA256.digest($0) ?? [] })
    self.init(hosts: Set(settings.hosts).union([Self.machineName]), credentials: credentials)
  }

  private static var machineName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
  }
}
