/// A meter family that bends its protocol, or whose name is worth showing. One file a family beside this one, and one
/// line of the table.
public struct Profile: Hashable, Sendable, BitwiseCopyable, CaseIterable {
  /// The table: what `profile:` in the configuration can name, and what telegrams are recognised by.
  static let families: [any MeterFamily.Type] = [
    MULTICAL303.self,
    MULTICAL403.self,
    MULTICAL603.self,
    PRO380.self,
  ]

  /// The headers of each family, made once.
  private static let headers = families.map { $0.headers }

  private let index: UInt8

  private init(index: Int) { self.index = UInt8(truncatingIfNeeded: index) }

  /// Every family, in the order of the table.
  public static var allCases: [Profile] { families.indices.map(Profile.init(index:)) }

  /// The family of this name, as `profile:` in the configuration has it; nil for an unknown one.
  public init?(name: String) {
    guard let index = Self.families.firstIndex(where: { $0.name.description == name }) else { return nil }
    self.init(index: index)
  }

  /// The family that a telegram is of, nil for none.
  init?(detecting header: MBusHeader) {
    let headers = Self.headers
    for index in headers.indices where headers[index]?.match(header) == true {
      self.init(index: index)
      return
    }
    return nil
  }

  /// What is known of the family.
  var family: any MeterFamily.Type { Self.families[Int(index)] }

  /// The maker's name for it, as Home Assistant shows it.
  public var modelName: String { family.modelName.description }

  /// As `profile:` in the configuration names it.
  public var name: String { family.name.description }
}

extension Profile: CustomStringConvertible {
  /// Its name.
  public var description: String { name }
}
