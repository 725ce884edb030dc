internal import Base
internal import CCurl
internal import Glibc
internal import Meters
internal import Platform

/// Why an HTTP source could not be fetched.
enum FetchFailure: Error, Equatable, Sendable {
  /// The status is not a success; a redirection comes with its target, without secrets.
  case status(Int, movedTo: String? = nil)
  case unknownHost, refused, unreachable(String), timedOut, hungUp
  /// TLS: the server's certificate is not trusted, with the reason.
  case untrusted(String)
  /// TLS: the handshake fails.
  case noTLS(String)
  /// The system's certificates cannot be read.
  case noAuthorities
  case notHTTP, tooLarge
  /// libcurl is not installed.
  case noLibrary
  case other(String)

  /// - Parameters:
  ///   - code: libcurl's.
  ///   - system: The error number of the system, where there is one.
  ///   - said: libcurl's message.
  init(_ code: CURLcode, system: Int32, said: String) {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: self = .unknownHost
    case CURLE_COULDNT_CONNECT where system == ECONNREFUSED: self = .refused
    case CURLE_COULDNT_CONNECT: self = .unreachable(system == 0 ? said : Errno(system).description)
    case CURLE_OPERATION_TIMEDOUT: self = .timedOut
    case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: self = .hungUp
    case CURLE_PEER_FAILED_VERIFICATION: self = .untrusted(said)
    case CURLE_SSL_CONNECT_ERROR: self = .noTLS(said)
    case CURLE_SSL_CACERT_BADFILE: self = .noAuthorities
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: self = .notHTTP
    default: self = .other(said.isEmpty ? "error \(code.rawValue) of libcurl" : said)
    }
  }

  /// The message for the user.
  func trouble(with source: HTTPSource) -> SourceError {
    let name = source.shown
    switch self {
    case .status(let status, let place): return SourceError("\(name) \(Self.answer(status, place, source))")
    case .unknownHost: return SourceError("\(name): the name of its host cannot be looked up", isAbsence: true)
    case .refused:
      return SourceError(
        "\(name): the connection is refused; is its web server on, and the port right?", isAbsence: true)
    case .unreachable(let reason): return SourceError("\(name) cannot be reached: \(reason)", isAbsence: true)
    case .timedOut: return SourceError("\(name) does not answer in time; is it switched on?", isAbsence: true)
    case .hungUp: return SourceError("\(name): the connection was closed before the answer was whole", isAbsence: true)
    case .untrusted(let reason):
      return SourceError(
        "\(name): its certificate is not trusted (\(reason)); add the authority that signed it to the system's "
          + "certificates (update-ca-certificates), or use http:// inside your own network")
    case .noTLS(let reason): return SourceError("\(name) does not speak TLS correctly (\(reason)); is it http://?")
    case .noAuthorities:
      return SourceError("\(name): the system's certificates cannot be read; install the package ca-certificates")
    case .notHTTP: return SourceError("\(name) does not speak HTTP; is the port right? A gateway is tcp://HOST:PORT")
    case .tooLarge:
      return SourceError("\(name) is larger than \(Limits.pageBytes) bytes; a telegram is shorter, so look at the path")
    case .noLibrary: return SourceError("\(name) cannot be fetched without libcurl; install the package libcurl4")
    case .other(let reason): return SourceError("\(name) cannot be fetched: \(reason)")
    }
  }

  private static func answer(_ status: Int, _ place: String?, _ source: HTTPSource) -> String {
    switch status {
    case 300..<400:
      let target = place.map { "\($0): write that address" } ?? "another page: write its address"
      return "redirects to \(target) into source (\(status))"
    case 401 where source.hasUser: return "refuses the user name and password of its source (401)"
    case 401: return "wants a user name and password (401): write http://USER:PASSWORD@HOST/PATH"
    case 403: return "forbids it (403); a HomeWizard does until its local API is switched on in the app"
    case 404, 410: return "is not there (\(status)); look at the path"
    case 429, 503: return "is busy (\(status)); a longer interval may help"
    default: return "answers with error \(status)"
    }
  }
}
