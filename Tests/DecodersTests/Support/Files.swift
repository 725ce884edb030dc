import Foundation

/// The folder of the checkout.
let repository = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL

/// The text of a file of the checkout.
func text(of path: String) throws -> String {
  try String(contentsOf: repository.appending(path: path), encoding: .utf8)
}

/// Telegrams of real meters, which are not ours and lie beside the repository, or nowhere.
let corpus = repository.appending(path: "../shared/corpus").standardizedFileURL

/// The files of one type in a folder, by name; none where the folder is not there.
func files(in folder: URL, type: String) -> [(name: String, bytes: [UInt8])] {
  let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
  return files.filter { $0.pathExtension == type }.sorted { $0.path < $1.path }.compactMap { file in
    (try? Data(contentsOf: file)).map { (file.deletingPathExtension().lastPathComponent, Array($0)) }
  }
}

/// The files of one type in a folder of the corpus.
func corpusFiles(_ folder: String, type: String) -> [(name: String, bytes: [UInt8])] {
  files(in: corpus.appending(path: folder), type: type)
}
