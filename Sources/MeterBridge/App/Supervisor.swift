internal import Base
internal import Glibc
internal import Platform

/// Home Assistant's Supervisor, as an app reaches it: by the name `supervisor`, with the token that it gives to each app
/// (developers.home-assistant.io, "App communication").
struct Supervisor: Sendable {
  private let services: Secret
  private let token: Secret?

  /// - Parameter environment: `SUPERVISOR_TOKEN`; `SUPERVISOR_API` for another address.
  init(environment: Environment) {
    services = Secret((environment["SUPERVISOR_API"] ?? "http://supervisor") + "/services/mqtt")
    token = environment["SUPERVISOR_TOKEN"].map { Secret($0) }
  }

  /// Asks for the broker until there is one. What is wrong is logged when it changes.
  func awaitBroker() -> AppBroker {
    let fetcher = FetchThread()
    var told = ""
    while true {
      let trouble: String
      switch fetch(fetcher) {
      case .body(let answer):
        if let broker = AppBroker(answer) { return broker }
        trouble = SupervisorTrouble.unknownForm
      case .failed(let failure): trouble = SupervisorTrouble.words(failure)
      }
      if trouble != told { Log.write(.warning, trouble) }
      told = trouble
      _ = poll(nil, 0, Int32(clamping: Limits.askingForBroker.count))
    }
  }

  private func fetch(_ fetcher: FetchThread) -> FetchThread.Answer {
    guard let answers = fetcher.fetch(services, token: token) else { return .failed(.other("no threads left")) }
    var waiting = pollfd(fd: answers.descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&waiting, 1, Int32(clamping: Limits.fetching.count + Limits.connecting.count))
    return answers.takeAll().last ?? .failed(.timedOut)
  }
}
