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
  ///
  /// It starts no thread: `Signals`, which comes later, must be there before the first one.
  func awaitBroker() -> AppBroker {
    var told = ""
    while true {
      let trouble: String
      switch fetch() {
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

  private func fetch() -> FetchThread.Answer {
    guard let answers = Mailbox<FetchThread.Answer>(capacity: 1) else { return .failed(.other("no descriptors left")) }
    guard let transfers = Transfers(limit: Limits.fetching) else { return .failed(.noLibrary) }
    transfers.begin(FetchThread.Order(url: services, token: token, answers: answers))
    while true {
      transfers.proceed()
      if let answer = answers.takeAll().last { return answer }
      transfers.wait(or: answers.descriptor)
    }
  }
}
