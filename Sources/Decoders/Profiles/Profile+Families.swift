extension Profile {
  /// The table: what `profile:` in the configuration can name, and what telegrams are recognised by. One file a family
  /// beside this one, and one line here.
  static let families: [any MeterFamily.Type] = [
    MULTICAL303.self,
    MULTICAL403.self,
    MULTICAL603.self,
    PRO380.self,
  ]

  /// The headers of each family, made once.
  private static let headers = families.map { $0.headers }

  /// The family of this name, as `profile:` in the configuration has it; nil for an unknown one.
  package init?(name: String) {
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
  package var modelName: String { family.modelName.description }

  /// As `profile:` in the configuration names it.
  package var name: String { family.name.description }
}

extension Profile: CaseIterable {
  /// Every family, in the order of the table.
  package static var allCases: [Profile] { families.indices.map(Profile.init(index:)) }
}

extension Profile: CustomStringConvertible {
  package var description: String { name }
}
