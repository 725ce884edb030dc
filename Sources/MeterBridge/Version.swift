extension Program {
  /// Version of the program, as `version`, discovery and `bridge/info` say it.
  public static let version = "0.1.0"
}
