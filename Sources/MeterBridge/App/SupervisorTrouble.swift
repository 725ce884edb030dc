/// What keeps the app from a broker, in words for its user.
enum SupervisorTrouble {
  /// The answer is not one of those that Home Assistant describes.
  static let unknownForm =
    "the Supervisor of Home Assistant describes its broker in a form that is not known: write your broker into the option "
    + "mqtt"

  /// What the user of the app can do.
  ///
  /// - Parameter failure: Of `GET /services/mqtt`.
  /// - Returns: A sentence.
  static func words(_ failure: FetchFailure) -> String {
    switch failure {
    // "Service not enabled": no app has offered one.
    case .status(400, _):
      "Home Assistant has no MQTT broker yet: install and start the app Mosquitto broker (Settings, Apps), or write your own "
        + "broker into the option mqtt"
    case .status(401, _), .status(403, _):
      "the Supervisor of Home Assistant does not let this app ask for its broker: install the app again, or write your own "
        + "broker into the option mqtt"
    case .status(let status, _):
      "the Supervisor of Home Assistant cannot say which broker there is: it answers \(status)"
    case .unknownHost:
      "there is no Supervisor of Home Assistant here: --home-assistant-app is for its apps, other installations name the "
        + "broker in mqtt"
    case .noLibrary: "the Supervisor of Home Assistant cannot be asked without libcurl; install the package libcurl4"
    default: "the Supervisor of Home Assistant does not answer; it may still be starting"
    }
  }
}
