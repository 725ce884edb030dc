@testable import Base
@testable import MeterBridge

/// Reads a text as a file of this name; the mistakes come as lines.
func mistakes(_ text: String, environment: Environment = [:], path: String = "m.yaml") -> [String] {
  do throws(ConfigurationError) {
    _ = try Configuration.parse(Array(text.utf8), path: path, environment: environment)
    return []
  } catch {
    return error.lines
  }
}

func configuration(_ text: String, environment: Environment = [:]) throws(ConfigurationError) -> Configuration {
  try Configuration.parse(Array(text.utf8), path: "m.yaml", environment: environment)
}

/// A meter that is right, on one line of a flow map.
let rightMeter = "meters: [{id: grid, protocol: p1, source: /dev/ttyUSB0}]\n"
