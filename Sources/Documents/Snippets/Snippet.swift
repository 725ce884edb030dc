/// A ready-made configuration of another program for the meters of this one.
package struct Snippet: Equatable, Sendable {
  /// What to know before it is used: lines for people, not a part of the configuration.
  package var notes: [String]
  /// The configuration, as its program reads it; with a line end.
  package var text: String

  /// The configuration of a program.
  package init(for program: SnippetProgram, of house: SnippetHouse) {
    switch program {
    case .evcc: self = .evcc(house)
    case .openhab: self = .openHAB(house)
    case .nodeRED: self = .nodeRED(house)
    case .telegraf: self = .telegraf(house)
    case .grafana: self = .grafana(house)
    case .fhem: self = .fhem(house)
    case .iobroker: self = .ioBroker(house)
    case .victron: self = .victron(house)
    }
  }

  init(notes: [String], lines: [String]) {
    self.init(notes: notes, text: lines.map { "\($0)\n" }.joined())
  }

  init(notes: [String], text: String) {
    self.notes = notes
    self.text = text
  }
}
