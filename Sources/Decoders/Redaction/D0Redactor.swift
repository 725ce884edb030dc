/// Redacts readouts of D0 meters: numbers, and texts that may name a customer. BCC is made anew.
package struct D0Redactor: FrameRedactor {
  package var pseudonyms = Pseudonyms()

  package init() {}

  package mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8] {
    let parts = try readable { () throws(DecodeError) in
      let bytes = frame.span
      return try D0Parts(bytes)
    }
    let sets = D0Sets(frame.span.extracting(0...parts.bang), from: parts.body)
    if let issue = sets.issues.first { throw .unreadable(issue) }
    var result = frame
    P1Text.redactIdentification(&result, &pseudonyms)
    for record in sets.records {
      for group in sets.groups[record.groups] where Self.identifies(group, of: record.obis, frame) {
        let range = group.text.indices
        result.replaceSubrange(range, with: pseudonyms.text(Array(frame[range])))
      }
    }
    guard !pseudonyms.isLeft(in: result) else { throw .numberLeft }
    guard let etx = parts.etx else { return result }
    let isSum = D0Block.exclusiveOr(frame.span.extracting(parts.body..<etx + 1)) != frame[etx + 1]
    let check = { (block: Span<UInt8>) in isSum ? D0Block.sum(block) : D0Block.exclusiveOr(block) }
    let redone = check(result.span.extracting(parts.body..<etx + 1))
    result[etx + 1] = redone
    return result
  }

  /// Times, states of errors and registers name nobody; the numbers of heat meters (9.20 to 9.22) do as 0.0.0 does.
  private static func identifies(_ group: P1Group, of obis: Obis, _ frame: [UInt8]) -> Bool {
    switch (obis.c, obis.d) {
    case (0, 1), (0, 9), (97, _), (6, 36), (9, 36): false
    case (9, 20...22): P1Text.identifies(group, of: Obis(6, 0, 0, 0, 0), frame)
    default: P1Text.identifies(group, of: obis, frame)
    }
  }
}
