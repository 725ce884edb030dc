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
      for group in sets.groups[record.groups] where P1Text.identifies(group, of: Self.code(record.obis), frame) {
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

  /// The numbers of heat meters (9.20 to 9.22) count as identifications too.
  private static func code(_ obis: Obis) -> Obis { obis.c == 9 && (20...22).contains(obis.d) ? Obis(6, 0, 0, 0, 0) : obis }
}
