internal import CYAML

/// A value of a document, with its place.
package struct YAMLNode: Equatable, Sendable {
  package enum Content: Equatable, Sendable {
    /// `isPlain`: without quotes.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Entry])
    case alias
  }

  package struct Entry: Equatable, Sendable {
    package var key: YAMLNode
    package var value: YAMLNode

    package init(key: YAMLNode, value: YAMLNode) {
      self.key = key
      self.value = value
    }
  }

  package var content: Content
  /// Such as `!env`; nil without a tag, and for the tags that YAML itself gives to texts and numbers.
  package var tag: String?
  package var hasAnchor = false
  /// Whether a comment stands behind a scalar without quotes, in its line.
  package var hasComment = false
  package var at: Mark

  package init(content: Content, tag: String? = nil, hasAnchor: Bool = false, at: Mark) {
    self.content = content
    self.tag = tag
    self.hasAnchor = hasAnchor
    self.at = at
  }

  /// Empty, `~` or `null`.
  package var isNull: Bool {
    guard tag == nil, case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A parsed file.
package struct YAMLDocument: Equatable, Sendable {
  /// Nil for a file of comments.
  package var root: YAMLNode?
  /// Where a second document begins, which is ignored.
  package var second: Mark?

  /// - Parameters:
  ///   - text: the bytes of the file.
  ///   - file: its number in the places of the nodes.
  /// - Throws: the mistake, with its place in a file of number 0.
  package init(_ text: [UInt8], file: Int = 0) throws(YAMLError) {
    var builder = Builder(file: file, lines: text.split(separator: 0x0A, omittingEmptySubsequences: false))
    unsafe try forEachYAMLEvent(text) { event throws(YAMLError) in unsafe builder.take(event) }
    root = builder.root
    second = builder.second
  }
}

private struct Builder {
  let file: Int
  private let lines: [ArraySlice<UInt8>]
  var root: YAMLNode?
  var second: Mark?
  private var documents = 0
  /// The open sequences and mappings with their items so far; those of a mapping are keys and values in turn.
  private var open: [(node: YAMLNode, items: [YAMLNode])] = []

  init(file: Int, lines: [ArraySlice<UInt8>]) {
    self.file = file
    self.lines = lines
  }

  mutating func take(_ event: yaml_event_t) {
    var mark = unsafe Mark(event.start_mark)
    mark.file = file
    let tag = unsafe event.tagText.flatMap { $0 == "!" || $0.hasPrefix("tag:yaml.org,2002:") ? nil : $0 }
    func node(_ content: YAMLNode.Content) -> YAMLNode {
      unsafe YAMLNode(content: content, tag: tag, hasAnchor: event.hasAnchor, at: mark)
    }
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT:
      documents += 1
      if documents == 2 { second = mark }
    case YAML_SCALAR_EVENT:
      let isPlain = unsafe event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
      var scalar = node(unsafe .scalar(event.scalarText, isPlain: isPlain))
      scalar.hasComment = isPlain && hasComment(behind: unsafe Mark(event.end_mark))
      close(scalar)
    case YAML_ALIAS_EVENT: close(node(.alias))
    case YAML_SEQUENCE_START_EVENT: open.append((node(.sequence([])), []))
    case YAML_MAPPING_START_EVENT: open.append((node(.mapping([])), []))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      guard let (start, items) = open.popLast() else { return }
      var node = start
      if case .sequence = node.content {
        node.content = .sequence(items)
      } else {
        node.content = .mapping(
          stride(from: 0, to: items.count - 1, by: 2).map { .init(key: items[$0], value: items[$0 + 1]) })
      }
      close(node)
    default: break
    }
  }

  private func hasComment(behind end: Mark) -> Bool {
    guard lines.indices.contains(end.line - 1) else { return false }
    let rest = String(decoding: lines[end.line - 1], as: UTF8.self).unicodeScalars.dropFirst(end.column - 1)
    return rest.first.map { $0 == " " || $0 == "\t" } == true && rest.first { $0 != " " && $0 != "\t" } == "#"
  }

  /// Adds a complete node to the innermost open one, or makes it the document.
  private mutating func close(_ node: YAMLNode) {
    if open.isEmpty {
      if documents == 1 { root = node }
    } else {
      open[open.count - 1].items.append(node)
    }
  }
}
