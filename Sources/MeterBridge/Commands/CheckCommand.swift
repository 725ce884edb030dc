internal import Base
internal import Glibc
internal import Meters
internal import MQTT
internal import Publishing

extension Command {
  /// Reads a configuration as `run` would, and prints every mistake.
  static let check = Command(
    name: "check", operands: "[FILE]", operandCount: 0...1, options: [.config, .connect, .listeningTime],
    summary: "find every mistake in the configuration",
    details: """
      Reads the configuration as `run` would, without opening a port or a connection,
      and prints each mistake as

          FILE:LINE:COLUMN: what is wrong, and what was meant

      With --connect it then logs in at the broker, tries our topics there with messages
      that are not retained, and opens every source: it says which meter speaks, or what is
      wrong. A source that a running daemon reads is left alone.

      Ends with 0 where all is right, 78 where something is not, 66 without a file, 69
      where --connect finds a broker, a topic or a meter that does not work.
      """
  ) { arguments, console throws(UsageError) in
    let time = try arguments.listeningTime()
    let path = try arguments.namedConfiguration()
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try Configuration.ofDaemon(path)
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
    configuration.warnings.forEach(console.complain)
    console.write(configuration.summary(path: path))
    guard arguments.has(.connect) else { return EX_OK }
    return ConnectCheck(configuration: configuration, time: time, console: console).run()
  }
}

extension Configuration {
  /// A summary of a right configuration, one line a meter.
  fileprivate func summary(path: String) -> String {
    let width = meters.map(\.id.count).max() ?? 0
    let lines = meters.map { meter in
      let isWireless = meter.meterProtocol == .wmbus
      let address = meter.address.map { isWireless ? ", address \($0.marked)" : ", \($0)" } ?? ""
      return "  \(meter.id.padded(to: width))  \(meter.meterProtocol.name) on \(meter.sourceText)\(address)\n"
    }
    let secure = mqtt.tls.map { $0.isInsecure ? " with TLS, accepting any certificate" : " with TLS" } ?? ""
    let broker = (mqtt.hosts.isEmpty ? "\(mqtt.host), port \(mqtt.brokerPort)" : mqtt.brokerNames) + secure
    return "\(path) is right: \(counted(meters.count, "meter")), broker \(broker)\n" + lines.joined()
  }
}
