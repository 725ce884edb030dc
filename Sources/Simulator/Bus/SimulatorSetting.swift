/// One setting of a simulated kind on the command line, `NAME=VALUE`.
package protocol SimulatorSetting: Sendable {
  associatedtype Settings
  var name: String { get }
  /// The form of its value, for the help.
  var form: String { get }
  /// Takes a value; false for an invalid one.
  var take: @Sendable (inout Settings, String) -> Bool { get }
}
