internal import Base
internal import Glibc
internal import Platform

/// Puts the files that a configuration includes into its tree.
///
/// The meters of such a file become a group in `meters`, so that its `defaults` are for them alone. Its other keys become
/// keys of the top, and each of those may stand in one file only.
struct IncludedFiles {
  /// A file by its place on the disk, so that two names of one file are found.
  private struct Identity: Hashable {
    var device: UInt
    var inode: UInt

    init?(_ path: String) {
      var file = stat()
      guard unsafe stat(path, &file) == 0 else { return nil }
      device = UInt(file.st_dev)
      inode = UInt(file.st_ino)
    }
  }

  private var known: Set<Identity>
  private var count = 0

  /// - Parameter path: of the configuration itself.
  init(_ path: String) { known = Set([Identity(path)].compactMap { $0 }) }

  /// The tree of a file with those of the files that it includes. Mistakes go to the reader.
  ///
  /// - Parameters:
  ///   - root: the tree of the file.
  ///   - depth: how many files stand between it and the configuration, and the configuration.
  ///   - reader: reads the names, and takes the mistakes.
  /// - Returns: one tree; the root as it is, if it is not a group.
  mutating func merged(into root: YAMLNode, depth: Int = 0, _ reader: inout SettingReader) -> YAMLNode {
    guard case .mapping(var entries) = root.content,
      let order = entries.firstIndex(where: { $0.key.isWord("include") })
    else { return root }
    let include = entries[order]
    // Only the configuration's own stays, for the table of settings.
    if depth > 0 { entries.remove(at: order) }
    var groups: [YAMLNode] = []
    for (path, mark) in paths(include.value, &reader) {
      guard depth < Limits.includeDepth else {
        reader.add("files are included deeper than \(Limits.includeDepth) here", at: mark)
        break
      }
      guard let file = read(path, at: mark, &reader) else { continue }
      guard case .mapping(let all) = merged(into: file, depth: depth + 1, &reader).content else { continue }
      let ofGroup = all.filter { $0.key.isWord("meters") || $0.key.isWord("defaults") }
      entries += all.filter { !ofGroup.contains($0) }
      if let first = ofGroup.first { groups.append(YAMLNode(content: .mapping(ofGroup), at: first.key.at)) }
    }
    entries.add(groups, namedLike: include.key)
    var merged = root
    merged.content = .mapping(entries)
    return merged
  }

  /// The files of `include`, those of a folder in the order of their names, each with the place of its name.
  private func paths(_ node: YAMLNode, _ reader: inout SettingReader) -> [(String, Mark)] {
    var names = [node]
    if case .sequence = node.content {
      names = reader.elements(node, of: "`include`", each: "each file") ?? []
    }
    var paths: [(String, Mark)] = []
    for name in names {
      guard let written = reader.value(name, of: "include", .path) else { continue }
      let path = reader.resolve(written)
      do throws(FileProblem) {
        let isFile = !isFolder(path)
        paths += try isFile ? [(path, name.at)] : filesOfFolder(path).map { ($0, name.at) }
      } catch {
        reader.add("cannot read `\(onOneLine(path.unicodeScalars))`: \(error.reason)", at: name.at)
      }
    }
    return paths
  }

  private func isFolder(_ path: String) -> Bool {
    var file = stat()
    return unsafe stat(path, &file) == 0 && file.st_mode & S_IFMT == S_IFDIR
  }

  private func filesOfFolder(_ path: String) throws(FileProblem) -> [String] {
    let folder = path.hasSuffix("/") ? path : path + "/"
    let names = try namesOfFiles(in: path).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
    return names.map { folder + $0 }
  }

  /// The tree of one file; a list stands for its meters. Nil after a mistake.
  private mutating func read(_ path: String, at mark: Mark, _ reader: inout SettingReader) -> YAMLNode? {
    count += 1
    guard count <= Limits.includedFiles else {
      // Once is enough.
      if count == Limits.includedFiles + 1 {
        reader.add("more than \(Limits.includedFiles) files are included", at: mark)
      }
      return nil
    }
    if let identity = Identity(path), !known.insert(identity).inserted {
      reader.add("`\(onOneLine(path.unicodeScalars))` is read already: each file can be included once", at: mark)
      return nil
    }
    do throws(FileProblem) {
      let text = try readFile(path, upTo: Limits.configurationBytes)
      let number = reader.include(ConfigurationFile(path: path, exposure: SecretFile.exposure(of: path)))
      reader.warnIfWritable(path, at: mark)
      return tree(of: text, file: number, &reader)
    } catch {
      reader.add("cannot read `\(onOneLine(path.unicodeScalars))`: \(error.reason)", at: mark)
      return nil
    }
  }

  private func tree(of text: [UInt8], file: Int, _ reader: inout SettingReader) -> YAMLNode? {
    do throws(YAMLError) {
      var root = try reader.tree(of: text, file: file)
      if case .sequence = root.content {
        let key = YAMLNode(content: .scalar("meters", isPlain: true), at: root.at)
        root = YAMLNode(content: .mapping([.init(key: key, value: root)]), at: root.at)
      }
      guard reader.entries(root, of: "an included file", takes: ["meters", "defaults", "include"]) != nil else {
        return nil
      }
      return root
    } catch {
      reader.add(error.problem, at: error.at)
      return nil
    }
  }
}

extension [YAMLNode.Entry] {
  /// Adds groups of meters to `meters`, which begins at the place of a key if it is not there.
  fileprivate mutating func add(_ groups: [YAMLNode], namedLike key: YAMLNode) {
    guard !groups.isEmpty else { return }
    guard let place = firstIndex(where: { $0.key.isWord("meters") }) else {
      let name = YAMLNode(content: .scalar("meters", isPlain: true), at: key.at)
      append(YAMLNode.Entry(key: name, value: YAMLNode(content: .sequence(groups), at: key.at)))
      return
    }
    // Anything else is a mistake, which is told when the meters are read.
    if case .sequence(let meters) = self[place].value.content {
      self[place].value.content = .sequence(meters + groups)
    }
  }
}
