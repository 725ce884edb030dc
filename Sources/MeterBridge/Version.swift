/// The version of the program, in the one place that knows it.
enum Version {
  static let text = "0.1.0"
}
