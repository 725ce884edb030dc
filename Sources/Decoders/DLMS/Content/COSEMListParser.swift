/// Finds the values in the tree of a telegram, with their codes. Most lists explain themselves:
///
/// 1. code, value, and a structure of scaler and unit behind it;
/// 2. code and value;
/// 3. a list of attribute descriptors first, then the values in the same order (push object lists);
/// 4. a descriptor without tags, and its value (`AXDR` makes a code of it);
/// 5. the rest: a date-time in front is the clock, and a visible string in front names the list. A text at the end is the
///    number of the meter.
struct COSEMListParser: ~Escapable {
  private let bytes: Span<UInt8>
  private let nodes: [AXDRNode]
  /// The values with a code, then the others.
  private(set) var records: [DLMSRecord] = []
  /// The telegram has a push object list, as of Swiss meters.
  private(set) var hasObjectList = false
  /// Numbers without a code: only a layout explains them.
  private(set) var hasNamelessNumber = false
  /// States of switches without a code: they say what they are, but not of which switch.
  private(set) var hasNamelessState = false
  /// Values without a code that nevertheless explain themselves.
  private var leftovers: [DLMSRecord] = []
  private(set) var issues: [DecodeError] = []
  private let root: Int
  private let keepsPlaces: Bool
  /// If asked for, the index of the node of each record, and behind `takeAll` those of all of them.
  private(set) var places: [UInt16] = []
  private var leftoverPlaces: [UInt16] = []

  /// Finds the values of the tree below a node.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ nodes: [AXDRNode], root: Int, keepsPlaces: Bool = false) {
    self.bytes = bytes
    self.nodes = nodes
    self.root = root
    self.keepsPlaces = keepsPlaces
    records.reserveCapacity((nodes.count - root) / 3 + 2)
    if isNumberedState(root) { numberedState(root) } else { list(root) }
  }

  /// Hands all of them out; none stays.
  @_lifetime(self: copy self)
  mutating func takeAll() -> [DLMSRecord] {
    var all: [DLMSRecord] = []
    swap(&all, &records)
    all.append(contentsOf: leftovers)
    places += leftoverPlaces
    return all
  }

  @_lifetime(self: copy self)
  private mutating func keep(_ record: DLMSRecord, of node: Int) {
    records.append(record)
    if keepsPlaces { places.append(UInt16(truncatingIfNeeded: node)) }
  }

  @_lifetime(self: copy self)
  private mutating func keepLeftover(_ record: DLMSRecord, of node: Int) {
    leftovers.append(record)
    if keepsPlaces { leftoverPlaces.append(UInt16(truncatingIfNeeded: node)) }
  }

  private func next(_ index: Int) -> Int { Int(nodes[index].next) }

  // MARK: Lists

  @_lifetime(self: copy self)
  private mutating func list(_ index: Int) {
    let end = next(index)
    var at = index + 1
    if at < end, isObjectList(at) { return objectList(at, of: index) }
    while at < end {
      let node = nodes[at]
      if let obis = code(node) {
        at = value(of: obis, behind: at, to: end)
      } else if isNumberedState(at) {
        numberedState(at)
        at = next(at)
      } else if node.isList {
        if scalerAndUnit(at) == nil { list(at) }
        at = next(at)
      } else {
        leftover(at, isFirst: at == index + 1, isLast: at + 1 == end, isTop: index == root)
        at += 1
      }
    }
  }

  /// The value behind a code, and the scaler and unit behind the value; returns the index behind all of them.
  @_lifetime(self: copy self)
  private mutating func value(of obis: Obis, behind index: Int, to end: Int) -> Int {
    let at = index + 1
    guard at < end else {
      keep(DLMSRecord(obis, .absent(.noData)), of: index)
      return end
    }
    guard !nodes[at].isList else {
      list(at)
      return next(at)
    }
    var record = DLMSRecord(obis, content(nodes[at], of: obis))
    var behind = next(at)
    if behind < end, let given = scalerAndUnit(behind) {
      record.apply(given)
      behind = next(behind)
    }
    keep(record, of: at)
    return behind
  }

  /// A value that stands alone.
  @_lifetime(self: copy self)
  private mutating func leftover(_ index: Int, isFirst: Bool, isLast: Bool, isTop: Bool) {
    let node = nodes[index]
    if node.tag == AXDRTag.null || node.tag == AXDRTag.dontCare { return }
    if leftovers.isEmpty { leftovers.reserveCapacity(8) }
    if isTop, isFirst, node.tag == AXDRTag.visibleString {
      keepLeftover(DLMSRecord(Obis(1, 1, 0, 2, 129), content(node, of: nil)), of: index)
      return
    }
    let content = content(node, of: nil)
    switch content {
    case .time where isTop && isFirst, .doubtfulTime where isTop && isFirst:
      keepLeftover(DLMSRecord(Obis(0, 0, 1, 0, 0), content), of: index)
    case .text(let range) where isTop && isLast && !range.isEmpty:
      keepLeftover(DLMSRecord(Obis(0, 0, 96, 1, 0), content), of: index)
    default:
      if isState(node) { hasNamelessState = true } else if case .number = content { hasNamelessNumber = true }
      keepLeftover(DLMSRecord(nil, content), of: index)
    }
  }

  @_lifetime(self: copy self)
  private mutating func numberedState(_ index: Int) {
    for place in index + 1...index + 2 { keepLeftover(DLMSRecord(nil, content(nodes[place], of: nil)), of: place) }
    hasNamelessState = true
  }

  /// An enumeration or a flag.
  private func isState(_ node: AXDRNode) -> Bool { node.tag == AXDRTag.enumeration || node.tag == AXDRTag.boolean }

  /// The number of a relay and its state, in a structure of two.
  private func isNumberedState(_ index: Int) -> Bool {
    nodes[index].tag == AXDRTag.structure && nodes[index].count == 2 && nodes[index + 1].tag == AXDRTag.uint8
      && isState(nodes[index + 2])
  }

  // MARK: Push object lists

  /// `{class, code, attribute, index …}`.
  private struct Descriptor {
    var classID: UInt64
    var obis: Obis
    var attribute: UInt8

    /// The scaler and unit of an extended register or register.
    var isScaler: Bool { attribute == 3 && (classID == 3 || classID == 4) || attribute == 4 && classID == 5 }
    var isPushSetup: Bool { obis.c == 25 && obis.d == 9 }
  }

  private func isObjectList(_ index: Int) -> Bool {
    nodes[index].tag == AXDRTag.array && index + 1 < next(index) && descriptor(index + 1) != nil
  }

  private func descriptor(_ index: Int) -> Descriptor? {
    let node = nodes[index]
    guard node.tag == AXDRTag.structure, node.count >= 4, nodes[index + 1].tag == AXDRTag.uint16,
      let obis = code(nodes[index + 2]), nodes[index + 3].tag == AXDRTag.int8
    else { return nil }
    return Descriptor(
      classID: nodes[index + 1].unsigned(in: bytes), obis: obis, attribute: bytes[Int(nodes[index + 3].start)])
  }

  /// The values behind the descriptors. The first descriptor is usually that of the list itself, which then is its
  /// value.
  @_lifetime(self: copy self)
  private mutating func objectList(_ index: Int, of parent: Int) {
    hasObjectList = true
    let count = Int(nodes[index].count)
    let values = Int(nodes[parent].count)
    var entry = index + 1
    var at = index
    if values == count + 1 || descriptor(entry)?.isPushSetup == false { at = next(index) }
    if values != count, values != count + 1 {
      issues.append(
        DecodeError(.lengthMismatch, at: Int(nodes[index].start), expected: count, found: values))
    }
    while entry < next(index), at < next(parent) {
      if let descriptor = descriptor(entry) { take(at, descriptor) }
      entry = next(entry)
      at = next(at)
    }
  }

  @_lifetime(self: copy self)
  private mutating func take(_ index: Int, _ descriptor: Descriptor) {
    if descriptor.isScaler, let given = scalerAndUnit(index) {
      if let place = records.lastIndex(where: { $0.obis == descriptor.obis }) { records[place].apply(given) }
      return
    }
    guard descriptor.attribute != 1, !descriptor.isPushSetup, !nodes[index].isList else { return }
    keep(DLMSRecord(descriptor.obis, content(nodes[index], of: descriptor.obis)), of: index)
  }

  // MARK: Lists without codes

  /// Adds the values of a list without codes under the names of its layout, behind those with a code.
  @_lifetime(self: copy self)
  mutating func apply(_ layout: DLMSLayout) {
    leftovers.removeAll()
    leftoverPlaces.removeAll()
    var at = root + 1
    for column in layout.columns where at < next(root) {
      defer { at = next(at) }
      guard let column else {
        if !nodes[at].isList { keep(DLMSRecord(nil, content(nodes[at], of: nil)), of: at) }
        continue
      }
      var record = DLMSRecord(column.obis, content(nodes[at], of: column.obis))
      if case .number = record.content {
        record.scaler = column.scaler
        record.scalerSource = .layout
      }
      keep(record, of: at)
    }
  }

  // MARK: Values

  /// The code in an octet string of six; nil for other values.
  private func code(_ node: AXDRNode) -> Obis? {
    guard node.tag == AXDRTag.octetString, node.count == 6 else { return nil }
    let start = Int(node.start)
    // Media end at 15, and billing periods leave out 127 to 254. Letters and digits of a text do not fit both.
    guard bytes[start] <= 15, bytes[start + 5] == 255 || bytes[start + 5] < 127 else { return nil }
    return Obis(
      bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3], bytes[start + 4], bytes[start + 5])
  }

  /// Scaler and unit in a structure of two.
  private func scalerAndUnit(_ index: Int) -> (scaler: Int8, unit: UInt8)? {
    let node = nodes[index]
    guard node.tag == AXDRTag.structure, node.count == 2, nodes[index + 1].tag == AXDRTag.int8,
      nodes[index + 2].tag == AXDRTag.enumeration
    else { return nil }
    return (Int8(bitPattern: bytes[Int(nodes[index + 1].start)]), bytes[Int(nodes[index + 2].start)])
  }

  private func content(_ node: AXDRNode, of obis: Obis?) -> DLMSRecord.Content {
    DLMSRecord.Content(node, of: obis, in: bytes)
  }
}

extension DLMSRecord {
  /// Takes scaler and unit from the telegram.
  fileprivate mutating func apply(_ given: (scaler: Int8, unit: UInt8)) {
    scaler = given.scaler
    scalerSource = .telegram
    unitCode = given.unit
  }
}
