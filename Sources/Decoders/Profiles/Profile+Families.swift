extension Profile {
  /// The families that `profile:` can name, and that telegrams can show. Each has a file here and a line in this table.
  static let families: [any MeterFamily.Type] = [
    ABBSeries.self,
    FlowIQ.self,
    GavazziEM.self,
    Hydrus.self,
    IEM3000.self,
    IMEConto.self,
    IMENemo.self,
    ItronCF51.self,
    ItronCF55.self,
    ItronCFEcho2.self,
    MULTICAL21.self,
    MULTICAL302.self,
    MULTICAL303.self,
    MULTICAL403.self,
    MULTICAL603.self,
    MULTICAL803.self,
    PRO380.self,
    SaiaBurgess.self,
    Sensostar2.self,
    Sensostar2C.self,
    Sharky774.self,
    Sharky775.self,
    Supercal531.self,
    Supercal739.self,
  ]

  /// The headers of all families, each with the index of its family.
  private static let headers = families.enumerated().flatMap { index, family in
    family.headers.map { (headers: $0, index: index) }
  }

  /// `MBusHeaders.bit` of all makers.
  private static let makers = headers.reduce(0) { $0 | MBusHeaders.bit($1.headers.manufacturer) }

  /// Nil for an unknown name of `profile:`.
  package init?(name: String) {
    guard let index = Self.families.firstIndex(where: { $0.name.description == name }) else { return nil }
    self.init(index: index)
  }

  /// The family of a telegram; nil if the table does not have it.
  init?(detecting header: MBusHeader) {
    guard header.hasMaker, Self.makers & MBusHeaders.bit(header.manufacturer) != 0,
      let line = Self.headers.first(where: { $0.headers.match(header) })
    else { return nil }
    self.init(index: line.index)
  }

  /// `MeterFamily.plainQuantities` of all families, with a bit for each quantity.
  private static let plainQuantities: [UInt128] = families.map { family in
    family.plainQuantities?.reduce(0) { $0 | 1 << UInt128($1.rawValue) } ?? .max
  }

  /// A bit for each quantity whose plain records the family may change.
  var plainQuantities: UInt128 { Self.plainQuantities[Int(index)] }

  var family: any MeterFamily.Type { Self.families[Int(index)] }

  /// The maker's name for the family, for Home Assistant.
  package var modelName: String { family.modelName.description }

  /// Its sets of data: the name of each in `readout:`, and the CI that chooses it for the next readout.
  package var dataSets: [(name: String, information: UInt8)] { family.dataSets }

  /// Its name in `profile:`.
  package var name: String { family.name.description }
}

extension Profile: CaseIterable {
  package static var allCases: [Profile] { families.indices.map(Profile.init(index:)) }
}

extension Profile: CustomStringConvertible {
  package var description: String { name }
}
