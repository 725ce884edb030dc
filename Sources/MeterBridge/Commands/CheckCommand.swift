internal import Base
internal import Glibc
internal import Meters
internal import MQTT
internal import Publishing

extension Command {
  /// Reads a configuration as `run` would, and prints every mistake.
  static let check = Command(
    name: "check", operands: "[FILE]", operandCount: 0...1, options: [.config],
    summary: "find every mistake in the configuration",
    details: """
      Reads the configuration as `run` would, without opening a port or a connection,
      and prints each mistake as

          FILE:LINE:COLUMN: what is wrong, and what was meant

      Ends with 0 where all is right, 78 where something is not, 66 without a file.
      """
  ) { (arguments, console) throws(UsageError) in
    let path = try arguments.namedConfiguration()
    do throws(ConfigurationError) {
      let configuration = try Configuration.read(path: path)
      configuration.warnings.forEach(console.complain)
      console.write(configuration.summary(path: path))
      return EX_OK
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
  }
}

extension Configuration {
  /// A summary of a right configuration, one line a meter.
  fileprivate func summary(path: String) -> String {
    let width = meters.map(\.id.count).max() ?? 0
    let lines = meters.map { meter in
      let address = meter.address.map { ", \($0)" } ?? ""
      return "  \(meter.id.padded(to: width))  \(meter.meterProtocol.name) on \(meter.sourceText)\(address)\n"
    }
    let secure = mqtt.tls.map { $0.isInsecure ? " with TLS, accepting any certificate" : " with TLS" } ?? ""
    let broker = "\(mqtt.host), port \(mqtt.brokerPort)\(secure)"
    let count = meters.count == 1 ? "1 meter" : "\(meters.count) meters"
    return "\(path) is right: \(count), broker \(broker)\n" + lines.joined()
  }
}
