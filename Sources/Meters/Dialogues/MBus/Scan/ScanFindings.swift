internal import Decoders

/// What a scan has found out so far.
package struct ScanFindings: Sendable {
  /// In the order in which they were found, each once.
  package private(set) var meters: [ScannedMeter] = []
  /// Primary addresses that several meters share.
  package internal(set) var shared: Set<UInt8> = []
  /// Primary addresses that acknowledge, but give no data.
  package internal(set) var mute: Set<UInt8> = []
  /// Secondary addresses where several meters answer that nothing tells apart.
  private var unresolvedMasks: [SelectionMask] = []
  /// A meter that answers to every selection, so that others cannot be searched.
  package internal(set) var intruder: ScannedMeter?
  var errors = LineErrors()
  /// The speed of the line, in bits a second.
  var baud: Int

  init(baud: Int) { self.baud = baud }

  /// Secondary addresses, in the notation of the configuration, where several meters answer that nothing tells apart.
  package var unresolved: [String] {
    unresolvedMasks.filter { mask in meters.count { mask.fits($0.sender) } < 2 }.map { "\($0)" }
  }

  mutating func isUnresolved(_ mask: SelectionMask, _ isIt: Bool) {
    unresolvedMasks.removeAll { $0 == mask }
    if isIt { unresolvedMasks.append(mask) }
  }

  /// What was found on this line counts for nothing.
  mutating func forgetCollisions() {
    shared = []
    unresolvedMasks = []
  }

  /// Adds a meter, or what is new about one that is known; true for a new one.
  @discardableResult
  mutating func add(_ frame: [UInt8], from sender: MBusSender, isSelectable: Bool) -> Bool {
    let meter = ScannedMeter(frame: frame, sender: sender, baud: baud, isSelectable: isSelectable)
    if let place = meters.firstIndex(where: { $0.isSame(as: meter) }) {
      meters[place].isSelectable = meters[place].isSelectable || isSelectable
      return false
    }
    meters.append(meter)
    return true
  }
}

/// The part of a request that is under way, and what went wrong in it.
struct ScanTries: Sendable {
  private(set) var count = 0
  private var lost = 0
  private var damaged: [Int] = []

  /// Tries of one request.
  static let limit = 3

  var areOver: Bool { count >= Self.limit }

  mutating func wasLost() {
    count += 1
    lost += 1
  }

  mutating func wasDamaged(_ bytes: Int) {
    count += 1
    damaged.append(bytes)
  }

  /// Exactly one meter answers there, so that what went wrong before is the line's error.
  func succeeded(bytes: Int, into errors: inout LineErrors) {
    errors.wasWhole(bytes)
    for _ in 0..<lost { errors.wasLost() }
    for bytes in damaged { errors.wasDamaged(bytes) }
  }
}
