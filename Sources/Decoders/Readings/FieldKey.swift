/// Mode of a value: momentary, or an extreme of a period.
package enum RecordFunction: UInt8, Sendable, BitwiseCopyable {
  case instantaneous, maximum, minimum, error
}

/// A name of the vocabulary, with the parts that tell several fields of that name apart.
///
/// The last level of a topic has the name, then phase, tariff, function, storage, sub-unit and ordinal if present:
/// `energy_import_l1_t2_max_s1_u1_2`.
package struct FieldKey: Hashable, Sendable, BitwiseCopyable {
  /// The conductor. `r` and `t` are the two phases of a Japanese single-phase three-wire supply.
  package enum Phase: UInt8, Sendable, BitwiseCopyable, CaseIterable { case none, l1, l2, l3, n, r, t }

  /// The code of a field without a name (`FieldName.code`). Bytes of the code are in the reading's `text`.
  package enum Code: Hashable, Sendable, BitwiseCopyable {
    case none
    /// `mbus_04_ff07`: the bytes of the DIB, then `vib` bytes of the VIB.
    case mbus(ByteRange, vib: UInt8)
    /// `obis_1_0_99_9_9`: A, B, C, D and E. Codes that differ in F alone are duplicates.
    case obis(Obis)
  }

  package var name: FieldName
  package var phase: Phase
  package var function: RecordFunction
  /// 1, 2, … for exact duplicates after the first (printed `_2`, `_3`, …); 0 for the first.
  package var ordinal: UInt8
  /// 0 without a tariff.
  package var tariff: UInt16
  /// 0 without a sub-unit.
  package var subunit: UInt16
  /// Storage number, 0 for the current value.
  package var storage: UInt64
  package var code: Code {
    get { Code(word: codeWord) }
    set { codeWord = newValue.word }
  }

  /// One word, because the compiler copies the seven bytes of the enum in two overlapping pieces. Each piece would wait
  /// until earlier smaller writes have reached the cache.
  private var codeWord: UInt64

  package init(
    _ name: FieldName, phase: Phase = .none, tariff: UInt16 = 0, function: RecordFunction = .instantaneous,
    storage: UInt64 = 0, subunit: UInt16 = 0, ordinal: UInt8 = 0, code: Code = .none
  ) {
    self.name = name
    self.phase = phase
    self.function = function
    self.ordinal = ordinal
    self.tariff = tariff
    self.subunit = subunit
    self.storage = storage
    codeWord = code.word
  }

  /// A past value or an extreme. It is never a running total, and hidden by default.
  package var isHistory: Bool { storage != 0 || function == .maximum || function == .minimum }
}

extension FieldKey.Code {
  /// The kind in the lowest byte, then the bytes in order.
  fileprivate var word: UInt64 {
    switch self {
    case .none: 0
    case .mbus(let range, let vib): 1 | UInt64(range.start) << 8 | UInt64(range.count) << 24 | UInt64(vib) << 40
    case .obis(let obis):
      [obis.e, obis.d, obis.c, obis.b, obis.a].reduce(0xFF) { $0 << 8 | UInt64($1) } << 8 | 2
    }
  }

  fileprivate init(word: UInt64) {
    func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> UInt64(8 * index)) }
    switch byte(0) {
    case 1:
      let range = ByteRange(start: UInt16(truncatingIfNeeded: word >> 8), count: UInt16(truncatingIfNeeded: word >> 24))
      self = .mbus(range, vib: byte(5))
    case 2: self = .obis(Obis(byte(1), byte(2), byte(3), byte(4), byte(5), byte(6)))
    default: self = .none
    }
  }
}

extension FieldKey.Phase {
  /// The suffix without its underscore.
  package var name: String {
    switch self {
    case .none: ""
    case .l1: "l1"
    case .l2: "l2"
    case .l3: "l3"
    case .n: "n"
    case .r: "r"
    case .t: "t"
    }
  }
}

extension FieldKey {
  /// The last level of the topic.
  ///
  /// - Parameter text: the `text` of the reading of the key.
  /// - Returns: only lower case letters, digits and underscores.
  package func topicLevel(_ text: [UInt8]) -> String {
    var level: String
    switch code {
    case .none: level = name.entry.name.description
    case .mbus(let range, let vibCount):
      let bytes = text[range.indices]
      let dib = Hexadecimal.text(bytes.dropLast(Int(vibCount)), uppercase: false)
      level = "mbus_\(dib)_\(Hexadecimal.text(bytes.suffix(Int(vibCount)), uppercase: false))"
    case .obis(let obis): level = "obis_\(obis.a)_\(obis.b)_\(obis.c)_\(obis.d)_\(obis.e)"
    }
    if phase != .none { level += "_\(phase.name)" }
    if tariff > 0 { level += "_t\(tariff)" }
    switch function {
    case .instantaneous: break
    case .maximum: level += "_max"
    case .minimum: level += "_min"
    case .error: level += "_error"
    }
    if storage > 0 { level += "_s\(storage)" }
    if subunit > 0 { level += "_u\(subunit)" }
    if ordinal > 0 { level += "_\(Int(ordinal) + 1)" }
    return level
  }
}
