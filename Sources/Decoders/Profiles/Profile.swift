/// A meter family that bends its protocol, or whose name is worth showing. One file a family beside this one, and one
/// line of the table.
public struct Profile: Hashable, Sendable, BitwiseCopyable, CaseIterable {
  /// The table: what `profile:` in the configuration can name, and what telegrams are recognised by.
  static let families: [MeterFamily] = [
    .multical303,
    .multical403,
    .multical603,
    .pro380,
  ]

  /// Maker and version of each family, so that a telegram of any other meter costs next to nothing.
  private static let makersAndVersions = families.map { family in
    family.headers.map { MBusHeader.makerAndVersion($0.manufacturer, $0.version) }
  }

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
    let sought = MBusHeader.makerAndVersion(header.manufacturer & 0x7FFF, header.version)
    for (index, found) in Self.makersAndVersions.enumerated() where found == sought {
      guard Self.families[index].matches(header) else { continue }
      self.init(index: index)
      return
    }
    return nil
  }

  /// What is known of the family.
  var family: MeterFamily { Self.families[Int(index)] }

  /// The maker's name for it, as Home Assistant shows it.
  public var modelName: String { family.modelName.description }

  /// As `profile:` in the configuration names it.
  public var name: String { family.name.description }
}

extension Profile: CustomStringConvertible {
  /// Its name.
  public var description: String { name }
}

extension MBusHeader {
  fileprivate static func makerAndVersion(_ manufacturer: UInt16, _ version: UInt8) -> UInt32 {
    UInt32(manufacturer) << 8 | UInt32(version)
  }
}
