/// The version of the program, in the one place that knows it.
package enum Version {
  package static let text = "0.1.0"
}
