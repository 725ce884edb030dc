internal import CYAML

/// A place in a file as editors count it: from one, columns in characters.
package struct Mark: Hashable, Comparable, Sendable {
  /// The number of the file among those that are read together; 0 is the first.
  package var file: Int
  package var line: Int
  package var column: Int

  package init(file: Int = 0, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The place of what stands in a form instead of a text: the "file" is a field with its name as the path.
  package init(field: Int) { self.init(file: field, line: 0, column: 0) }

  /// Whether the place is one in a text.
  package var hasLine: Bool { line > 0 }

  package static func < (left: Mark, right: Mark) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// One event of a document. JSON is YAML, so the same reader takes both.
package enum YAMLEvent: Equatable, Sendable {
  case scalar(text: String, tag: String?, at: Mark)
  case sequenceStart(at: Mark)
  case sequenceEnd
  case mappingStart(at: Mark)
  case mappingEnd
}

/// Why a text is not YAML, in words for the person who wrote it.
package struct YAMLError: Error, Equatable {
  package var problem: String
  package var at: Mark

  package init(problem: String, at: Mark) {
    self.problem = problem
    self.at = at
  }
}

/// Reads a whole document. Like JSON, it may not have aliases.
package func yamlEvents(_ text: [UInt8]) throws(YAMLError) -> [YAMLEvent] {
  var events: [YAMLEvent] = []
  unsafe try forEachYAMLEvent(text) { event throws(YAMLError) in
    let mark = unsafe Mark(event.start_mark)
    switch unsafe event.type {
    case YAML_SCALAR_EVENT: events.append(unsafe .scalar(text: event.scalarText, tag: event.tagText, at: mark))
    case YAML_SEQUENCE_START_EVENT: events.append(.sequenceStart(at: mark))
    case YAML_SEQUENCE_END_EVENT: events.append(.sequenceEnd)
    case YAML_MAPPING_START_EVENT: events.append(.mappingStart(at: mark))
    case YAML_MAPPING_END_EVENT: events.append(.mappingEnd)
    case YAML_ALIAS_EVENT: throw YAMLError(problem: "an alias cannot stand here", at: mark)
    default: break
    }
  }
  return events
}

/// Calls `body` with each of libyaml's events, which it must not keep; stops at the first error.
///
/// Too deep a nesting is an error, because libyaml takes quadratic time in it.
func forEachYAMLEvent(
  _ text: [UInt8], _ body: (yaml_event_t) throws(YAMLError) -> Void
) throws(YAMLError) {
  var parser = unsafe yaml_parser_t()
  // Without memory the program ends, as everywhere in Swift: the text may be sound.
  guard unsafe yaml_parser_initialize(&parser) == 1 else { fatalError("out of memory") }
  defer { unsafe yaml_parser_delete(&parser) }
  return unsafe try text.withUnsafeBufferPointer { bytes throws(YAMLError) in
    unsafe yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
    var depth = 0
    while true {
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(&parser, &event) == 1 else {
        // As above.
        if unsafe parser.error == YAML_MEMORY_ERROR { fatalError("out of memory") }
        throw unsafe YAMLError(parser, in: text)
      }
      defer { unsafe yaml_event_delete(&event) }
      switch unsafe event.type {
      case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
        depth += 1
        guard depth <= Limits.nesting else {
          throw YAMLError(
            problem: "lists and maps are nested deeper than \(Limits.nesting) here", at: unsafe Mark(event.start_mark))
        }
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: depth -= 1
      default: break
      }
      unsafe try body(event)
      if unsafe event.type == YAML_STREAM_END_EVENT { return }
    }
  }
}

extension Mark {
  init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  /// The place of a byte of a UTF-8 text. Editors do not count the byte order mark.
  init(of offset: Int, in text: [UInt8]) {
    self.init(line: 1, column: 1)
    for byte in text.prefix(offset).dropFirst(text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0) {
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
  }
}

extension yaml_event_t {
  /// Only for a scalar event.
  var scalarText: String {
    let bytes = unsafe UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length)
    return unsafe String(decoding: bytes, as: UTF8.self)
  }

  /// The tag of the start of a scalar, sequence or mapping.
  var tagText: String? {
    switch unsafe type {
    case YAML_SCALAR_EVENT: unsafe data.scalar.tag.map { unsafe String(cString: $0) }
    case YAML_SEQUENCE_START_EVENT: unsafe data.sequence_start.tag.map { unsafe String(cString: $0) }
    case YAML_MAPPING_START_EVENT: unsafe data.mapping_start.tag.map { unsafe String(cString: $0) }
    default: nil
    }
  }

  /// Whether the start of a scalar, sequence or mapping carries an anchor.
  var hasAnchor: Bool {
    switch unsafe type {
    case YAML_SCALAR_EVENT: unsafe data.scalar.anchor != nil
    case YAML_SEQUENCE_START_EVENT: unsafe data.sequence_start.anchor != nil
    case YAML_MAPPING_START_EVENT: unsafe data.mapping_start.anchor != nil
    default: false
    }
  }
}
