import Testing

private let longestFile = 400
private let longestFunction = 60

/// Files and functions that are longer today. Never add one.
private let knownLong: Set<String> = []

@Test(arguments: ["Sources", "Tests", "Fuzz/Sources", "Benchmarks/Sources"])
func filesAndFunctionsAreShort(folder: String) throws {
  let files = try SwiftFile.all(under: folder)
  #expect(!files.isEmpty)
  for file in files {
    let lines = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
    if lines > longestFile, !knownLong.contains(file.name) {
      Issue.record("\(file.path) has \(lines) lines; \(longestFile) are allowed")
    }
    for function in functions(file.code) where function.lines > longestFunction {
      guard !knownLong.contains(String(function.name)) else { continue }
      Issue.record(
        """
        \(file.path):\(function.line): \(function.name) has \(function.lines) lines; \(longestFunction) are allowed
        """)
    }
  }
}

@Test func functionsAreFoundAndMeasured() {
  let text = #"""
    struct Door {
      /* func old() { */
      init(_ width: Int = { 3 }()) { self.init(width, "}") }
      var isOpen: Bool {
        true
      }
      func open()
        -> Bool
      {
        log("\(hinges.map { "{\($0)" })")
        func turn() {}
      }
    }
    protocol Lock {
      func close()
      var isLocked: Bool { get }
    }
    """#
  let found = functions(SwiftCode.stripped(text)).map { "\($0.name) \($0.line) \($0.lines)" }
  #expect(found == ["init 3 1", "open 7 6", "turn 11 1"])
}

/// A function, initializer or subscript, from its keyword to its last brace. Computed properties are left out: the long
/// ones are tables.
private struct Function {
  var name: Substring
  var line: Int
  var lines: Int
}

/// The functions of code without comments and strings.
private func functions(_ code: String) -> [Function] {
  let tokens = SwiftToken.all(code)
  return tokens.indices.dropLast().compactMap { index in
    let keyword = tokens[index]
    guard ["func", "init", "deinit", "subscript"].contains(keyword.text),
      index == 0 || tokens[index - 1].text != ".", let start = bodyStart(tokens, from: index)
    else { return nil }
    let name = tokens[keyword.text == "func" ? index + 1 : index].text
    return Function(name: name, line: keyword.line, lines: bodyEnd(tokens, from: start).line - keyword.line + 1)
  }
}

/// Where the body of the declaration at `index` begins; nil for one without a body.
private func bodyStart(_ tokens: [SwiftToken], from index: Int) -> Int? {
  var start = index + 1
  // The name of an operator is signs.
  if tokens[index].text == "func", !tokens[start].isWord {
    start = tokens[start...].firstIndex { $0.text == "(" } ?? start
  }
  var depth = 0
  for at in start..<tokens.count {
    let (token, before) = (tokens[at], tokens[at - 1])
    // A signature goes on in the next line only with these.
    if depth == 0, token.line > before.line, !["{", "-", "where", "throws"].contains(token.text) { return nil }
    switch token.text {
    case "(", "[", "<": depth += 1
    case ">" where before.text == "-": break
    case ")", "]", ">": depth -= 1
    case "{" where depth == 0: return at
    case "}" where depth == 0: return nil
    default: break
    }
    if depth < 0 { return nil }
  }
  return nil
}

private func bodyEnd(_ tokens: [SwiftToken], from start: Int) -> SwiftToken {
  var depth = 0
  for token in tokens[start...] {
    if token.text == "{" { depth += 1 }
    if token.text == "}" { depth -= 1 }
    if depth == 0 { return token }
  }
  return tokens[tokens.count - 1]
}
