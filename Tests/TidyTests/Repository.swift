import Foundation

/// The repository that these tests lie in.
let root = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A Swift file of the repository.
struct SwiftFile: Sendable {
  /// From the root of the repository.
  let path: String
  let text: String
  /// The text with blanks in place of comments and of the text of strings.
  let code: String

  init(path: String, text: String) {
    self.path = path
    self.text = text
    code = SwiftCode.stripped(text)
  }

  var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

  /// The first folder below the target's own, or nil: `Loop` of `Sources/MeterBridge/Loop/Port.swift`.
  var folder: Substring? {
    let parts = path.split(separator: "/")
    return parts.count > 3 ? parts[2] : nil
  }

  /// Every Swift file below a folder of the repository, sorted by path.
  static func all(under folder: String) throws -> [SwiftFile] {
    let url = root.appending(path: folder)
    let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
    return try (files ?? []).filter { $0.pathExtension == "swift" }.map { file in
      let path = String(file.path.dropFirst(root.path.count).drop { $0 == "/" })
      return SwiftFile(path: path, text: try String(contentsOf: file, encoding: .utf8))
    }.sorted { $0.path < $1.path }
  }
}
