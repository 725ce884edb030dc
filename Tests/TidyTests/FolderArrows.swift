import Testing

/// Pairs of folders that still use each other both ways, as `Target: One ⇄ Other`. Never add one: move the type instead.
private let knownPairs: Set<String> = []

/// The folders of a target are layers: of two folders at most one uses the other.
///
/// A file uses another where it writes a name that the other declares at the top level. Names that two files declare
/// are left out, and members are not seen: the compiler would find more. Files that lie in no folder are left out.
@Test(arguments: try targets())
func foldersUseEachOtherOneWayOnly(target: String) throws {
  let uses = folderUses(try SwiftFile.all(under: "Sources/\(target)").map(SourceNames.init))
  for pair in twoWayPairs(uses) {
    let title = "\(target): \(pair.one) ⇄ \(pair.other)"
    guard !knownPairs.contains(title) else { continue }
    Issue.record("\(title)\n\(pair.words.joined(separator: "\n"))")
  }
}

@Test func aPairOfFoldersIsFoundByTheNamesOfItsFiles() {
  func file(_ path: String, _ text: String) -> SourceNames {
    SourceNames(SwiftFile(path: "Sources/T/\(path)", text: text))
  }
  let one = file("One/A.swift", "struct A { var b: B; enum Same {} }\nprivate func hidden() {}")
  let other = file("Other/B.swift", "struct B { func c() { call(); x.A; let d = 1 } } // A\nfunc call() {}\nlet d = 2")
  let third = file("Third/C.swift", "func c(_ a: A) -> String { hidden(); Same(); return \"B \\(B())\" }\nenum Same {}")
  #expect(twoWayPairs(folderUses([one, other, third])).isEmpty)
  let back = file("Other/D.swift", "extension A {}")
  let backAgain = file("Other/E.swift", "func e(_ a: A) {}")
  let pairs = twoWayPairs(folderUses([one, other, third, back, backAgain]))
  #expect(
    pairs.map(\.words) == [["  One uses B of B.swift in A.swift", "  Other uses A of A.swift in D.swift, E.swift"]])
}

/// The names that a file declares at its top level, and those that it writes.
private struct SourceNames {
  let file: String
  let folder: Substring
  let declared: Set<Substring>
  let used: Set<Substring>

  init(_ source: SwiftFile) {
    file = source.name
    folder = source.folder ?? ""
    let tokens = SwiftToken.all(source.code)
    var declared: Set<Substring> = []
    var local: Set<Substring> = []
    var depth = 0
    for (index, token) in tokens.enumerated() {
      if "{([".contains(token.text) { depth += 1 }
      if "})]".contains(token.text) { depth -= 1 }
      guard Self.keywords.contains(token.text), index + 1 < tokens.count, tokens[index + 1].isWord else { continue }
      let before = tokens[..<index].suffix(2).map(\.text)
      guard depth == 0, !before.contains("private"), !before.contains("fileprivate") else {
        local.insert(tokens[index + 1].text)
        continue
      }
      declared.insert(tokens[index + 1].text)
    }
    self.declared = declared
    used = Self.used(tokens).subtracting(declared).subtracting(local)
  }

  private static let keywords: Set<Substring> = [
    "struct", "class", "enum", "protocol", "actor", "typealias", "func", "let", "var",
  ]

  /// Members and labels of arguments are not uses.
  private static func used(_ tokens: [SwiftToken]) -> Set<Substring> {
    var used: Set<Substring> = []
    for (index, token) in tokens.enumerated() where token.isWord {
      if index > 0, tokens[index - 1].text == "." { continue }
      let isLabel = index + 1 < tokens.count && tokens[index + 1].text == ":"
      if isLabel, token.text.first?.isLowercase == true { continue }
      used.insert(token.text)
    }
    return used
  }
}

/// The folders of `Sources` with Swift in them.
private func targets() throws -> [String] {
  let folders = try SwiftFile.all(under: "Sources").compactMap { $0.path.split(separator: "/").dropFirst().first }
  return Set(folders).map(String.init).sorted()
}

private struct FolderPair {
  var one: Substring
  var other: Substring
  /// A line for each name in either direction.
  var words: [String]
}

/// From a folder to a folder: which name of which file is used, and in which files.
private typealias FolderUses = [Substring: [Substring: [String: [String]]]]

private func folderUses(_ files: [SourceNames]) -> FolderUses {
  var owners: [Substring: [SourceNames]] = [:]
  for file in files {
    for name in file.declared { owners[name, default: []].append(file) }
  }
  var uses: FolderUses = [:]
  for file in files where !file.folder.isEmpty {
    for name in file.used {
      guard let owner = owners[name], owner.count == 1, !owner[0].folder.isEmpty, owner[0].folder != file.folder else {
        continue
      }
      let words = "  \(file.folder) uses \(name) of \(owner[0].file)"
      uses[file.folder, default: [:]][owner[0].folder, default: [:]][words, default: []].append(file.file)
    }
  }
  return uses
}

private func twoWayPairs(_ uses: FolderUses) -> [FolderPair] {
  uses.keys.sorted().flatMap { one in
    uses[one, default: [:]].keys.sorted().compactMap { other in
      guard one < other, let there = uses[one]?[other], let back = uses[other]?[one] else { return nil }
      let words = [there, back].flatMap { uses in
        uses.sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value.joined(separator: ", "))" }
      }
      return FolderPair(one: one, other: other, words: words)
    }
  }
}
