/// The version of the program; no other place has it.
package enum Version {
  package static let text = "0.1.0"
}
