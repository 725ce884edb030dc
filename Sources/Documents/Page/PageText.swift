internal import Decoders

/// One text of the status page in all its languages. `{name}` stands for what the script puts there.
package struct PageText: Sendable {
  package let key: String
  private let english, german, dutch, french, japanese: String

  init(_ key: String, _ english: String, _ german: String, _ dutch: String, _ french: String, _ japanese: String) {
    self.key = key
    self.english = english
    self.german = german
    self.dutch = dutch
    self.french = french
    self.japanese = japanese
  }

  package subscript(language: PageLanguage) -> String {
    switch language {
    case .english: english
    case .german: german
    case .dutch: dutch
    case .french: french
    case .japanese: japanese
    }
  }

  /// All of them, a key once.
  package static let table = words + sentences + media + FieldName.allCases.compactMap(\.pageText)
}
