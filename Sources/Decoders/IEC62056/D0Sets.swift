/// Reads the sets of a readout: `address(value*unit)(value)…`, several on a line or one, with line ends or without.
///
/// Brackets on a line of their own belong to the set before. What cannot be read is an issue, and reading goes on at the next
/// line or behind the stray bracket.
struct D0Sets {
  var records: [D0Record] = []
  var groups: [P1Group] = []
  var issues: [DecodeError] = []

  /// The most characters of an address and of a value, and the most sets.
  private static let addressLimit = 32
  private static let valueLimit = 128
  private static let setLimit = 1000

  /// - Parameters:
  ///   - bytes: the readout with the `!` at its end. It stops every search, so that none asks for the end at every byte.
  ///   - body: the place of the first set.
  init(_ bytes: Span<UInt8>, from body: Int) {
    let end = bytes.count - 1
    records.reserveCapacity(end / 16)
    groups.reserveCapacity(end / 14)
    var index = body
    // Whether the set before was readable, so that brackets on a line of their own belong to it.
    var canContinue = false
    while true {
      while index < end, bytes[index] <= UInt8(ascii: " "), bytes[index] != Self.acknowledge { index &+= 1 }
      if index >= end { return }
      let place = index
      let first = groups.count
      if bytes[index] == UInt8(ascii: "("), canContinue {
        if readGroups(bytes, &index, of: records[records.count - 1].obis) {
          records[records.count - 1].groupCount += UInt16(truncatingIfNeeded: groups.count - first)
          continue
        }
      } else if let (address, obis) = Self.quickAddress(bytes, &index) ?? Self.address(bytes, &index) {
        if readGroups(bytes, &index, of: obis) {
          guard records.count < Self.setLimit else {
            issues.append(DecodeError(.tooLong, at: place, expected: Self.setLimit))
            return
          }
          if groups.count &- first == 2 { readTime(bytes, obis) }
          records.append(
            D0Record(
              address: ByteRange(from: address.lowerBound, to: address.upperBound), obis: obis,
              firstGroup: UInt16(truncatingIfNeeded: first),
              groupCount: UInt16(truncatingIfNeeded: groups.count &- first)))
          canContinue = true
          continue
        }
      }
      canContinue = false
      groups.removeSubrange(first...)
      // The echo of the choice of a speed is nothing of the meter.
      if bytes[place] != Self.acknowledge { issues.append(issue(bytes, place, at: index)) }
      if bytes[index] == UInt8(ascii: ")"), bytes[place] != UInt8(ascii: "(") {
        index += 1
      } else {
        index = place
        while index < end, !bytes[index].isLineEnd { index += 1 }
      }
    }
  }

  private static let acknowledge: UInt8 = 0x06

  /// The second of two brackets may be the time of a maximum. Load profiles (99) have their own form.
  @inline(never)
  private mutating func readTime(_ bytes: Span<UInt8>, _ obis: Obis) {
    let last = groups[groups.count - 1]
    guard obis.c < 96, last.unit.isEmpty, last.text.count >= 10,
      let time = D0Clock.moment(bytes.extracting(last.text.indices))
    else { return }
    groups[groups.count - 1].content = .time(time)
  }

  private func issue(_ bytes: Span<UInt8>, _ place: Int, at index: Int) -> DecodeError {
    index - place > Self.valueLimit && bytes[index] != UInt8(ascii: "(")
      ? DecodeError(.tooLong, at: place, expected: Self.valueLimit) : DecodeError(.badLine, at: place)
  }

  /// A code straight before its bracket: nearly all addresses. For others the index stays.
  @inline(__always)
  private static func quickAddress(_ bytes: Span<UInt8>, _ index: inout Int) -> (Range<Int>, Obis)? {
    var end = index
    guard let obis = D0Address.code(bytes, &end), bytes[end] == UInt8(ascii: "("), end &- index <= addressLimit else {
      return nil
    }
    defer { index = end }
    return (index..<end, obis)
  }

  /// The characters up to the bracket, without blanks around them, and their code; nil where no bracket opens. The index is
  /// then at the character that ends the search.
  @inline(never)
  private static func address(_ bytes: Span<UInt8>, _ index: inout Int) -> (Range<Int>, Obis)? {
    let start = index
    while bytes[index] != UInt8(ascii: "(") {
      let byte = bytes[index]
      guard byte >= UInt8(ascii: " "), byte < 0x7F, byte != UInt8(ascii: ")"), byte != UInt8(ascii: "!") else {
        return nil
      }
      index &+= 1
    }
    let address = P1Lines.withoutBlanks(bytes, start..<index).indices
    guard !address.isEmpty, address.count <= addressLimit else { return nil }
    return (address, D0Address.code(bytes, address))
  }

  // MARK: Values

  /// One bracket or more; false for anything else. The index is then where it went wrong.
  @inline(__always)
  private mutating func readGroups(_ bytes: Span<UInt8>, _ index: inout Int, of obis: Obis) -> Bool {
    repeat {
      if let value = P1PlainValue(bytes, at: index &+ 1, takesComma: true) {
        groups.append(value.group)
        index = value.end
      } else {
        guard readValues(bytes, &index, of: obis) else { return false }
      }
    } while bytes[index] == UInt8(ascii: "(")
    return true
  }

  /// One bracket, with a value or several with `&` between them. Blanks around a value and its unit do not count.
  @inline(never)
  private mutating func readValues(_ bytes: Span<UInt8>, _ index: inout Int, of obis: Obis) -> Bool {
    let isText = obis.isText
    repeat {
      index &+= 1
      let start = index
      P1Lines.skipBlanks(bytes, &index)
      let first = index
      var content = P1Lines.number(bytes, &index, takesComma: true)
      P1Lines.skipBlanks(bytes, &index)
      if bytes[index] != UInt8(ascii: "*"), bytes[index] != UInt8(ascii: ")") {
        content = .text
        guard Self.skip(bytes, &index, toUnit: true, isText: isText) else { return false }
      }
      let text = P1Lines.withoutBlanks(bytes, first..<index)
      var unit = index..<index
      if bytes[index] == UInt8(ascii: "*") {
        index &+= 1
        P1Lines.skipBlanks(bytes, &index)
        let first = index
        guard Self.skip(bytes, &index, toUnit: false, isText: isText) else { return false }
        unit = first..<index
      }
      guard index &- start <= Self.valueLimit else { return false }
      var group = P1Group(bytes, text: text, unit: P1Lines.withoutBlanks(bytes, unit), content: content)
      if case .text = content, obis.isMeasured, let value = P1Group(withUnitIn: group.text, bytes, takesComma: true) {
        group = value
      }
      groups.append(group)
    } while bytes[index] == UInt8(ascii: "&")
    index &+= 1
    return true
  }

  /// Skips to the closing bracket, to the `*` before a unit, or to the `&` before another value. False if the bracket does
  /// not close on its line.
  @inline(__always)
  private static func skip(_ bytes: Span<UInt8>, _ index: inout Int, toUnit: Bool, isText: Bool) -> Bool {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: ")"): return true
      case UInt8(ascii: "*") where toUnit: return true
      case UInt8(ascii: "&") where !isText: return true
      case UInt8(ascii: "("), 0..<0x20: return false
      default: index &+= 1
      }
    }
    index = bytes.count - 1
    return false
  }
}
