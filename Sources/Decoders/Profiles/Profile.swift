/// A meter family that bends its protocol, or whose name is worth showing. One file a family beside this one.
public enum Profile: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case multical303, multical403, multical603, pro380

  /// The maker's name for it, as Home Assistant shows it.
  public var modelName: String {
    switch self {
    case .multical303: "MULTICAL 303"
    case .multical403: "MULTICAL 403"
    case .multical603: "MULTICAL 603"
    case .pro380: "PRO380"
    }
  }

  /// As `profile:` in the configuration names it.
  public var name: String {
    switch self {
    case .multical303: "multical303"
    case .multical403: "multical403"
    case .multical603: "multical603"
    case .pro380: "pro380"
    }
  }
}
