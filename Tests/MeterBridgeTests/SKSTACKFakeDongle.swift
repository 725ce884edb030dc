import Decoders

@testable import MeterBridge

/// A Wi-SUN dongle with a meter behind it, in virtual time. Its parser behaves like a module's: the data of `SKSENDTO` is
/// counted, and half of it swallows what follows.
class SKSTACKFakeDongle {
  enum Fault: CaseIterable {
    case dropped, sendingFailed, deferred, refused, empty, wrongTransaction, truncated, duplicated, spliced
    case damagedInput, okLost
  }

  struct Options {
    var isSided = true
    var writesBinary = false
    /// `ROPT` answers ER04.
    var hasDataForm = true
    var hasEcho = true
    /// The last field of `SKINFO` is that of the other dialect.
    var hidesDialect = false
    var isForeign = false
    var minimumDuration = 4
    var lifetime: Milliseconds?
    var piece = Int.max
  }

  static let identifier = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"
  static let password = "Q7W8E9R0T1Y2"
  static let meter = "FE80:0000:0000:0000:0200:5EFF:FE00:5301"
  static let own = "FE80:0000:0000:0000:0200:5EFF:FE00:5302"

  var options = Options()
  var network = SKSTACKNetwork(channel: 0x2B, pan: 0x4D42, address: 0x0000_5EFF_FE00_5301)
  var linkQuality: UInt8 = 0xC0
  var properties: [UInt8: [UInt8]] = [
    0x80: [0x30], 0x82: [0, 0, 0x46, 0], 0x88: [0x42], 0x8A: [0, 0, 0x16], 0x8D: Array("TESTMETER001".utf8),
    0x9F: [13, 0x80, 0x82, 0x88, 0x8A, 0x8D, 0x9F, 0xD3, 0xD7, 0xE0, 0xE1, 0xE3, 0xE7, 0xE8],
    0xD3: [0, 0, 0, 1], 0xD7: [6], 0xE0: [0, 0, 0x30, 0x39], 0xE1: [1], 0xE3: [0, 0, 0, 7],
    0xE7: [0, 0, 1, 0xF4], 0xE8: [0, 50, 0x7F, 0xFE],
  ]
  var faults: [Fault] = []
  var isReachable = true
  var isLimited = false
  var isPowered = true
  /// The join gets OK and nothing else.
  var joinIsSilent = false
  var accepts = true
  /// `SKJOIN` gets no OK, once, and is carried out all the same.
  var losesAnswerOfJoin = false

  /// The last eight digits of the id that the meter is for.
  var pairing: String { String(Self.identifier.suffix(8)) }
  private(set) var commands: [String] = []
  private(set) var confirmations: [UInt16] = []
  private(set) var isJoined = false
  private var bytes: [UInt8] = []
  private var awaited: (line: String, count: Int)?
  private var outbox: [(at: Instant, order: Int, bytes: [UInt8])] = []
  private var order = 0
  private var channel: UInt8?
  private var pan: UInt16?
  private var knowsPassword = false
  private var knowsIdentifier = false
  private var echoes = true
  private var tellsQuality = false
  private var renewal: Instant?

  init() {}

  // MARK: The line

  func receive(_ incoming: [UInt8], now: Instant) {
    guard isPowered else { return }
    if options.isForeign {
      if incoming.contains(0xD0) { emit(raw: [0xD0, 0xF9, 0xEE, 0x5D, 0x20, 0x6B], now: now, after: 50) }
      return
    }
    bytes += incoming
    while !bytes.isEmpty {
      if let (line, count) = awaited {
        guard bytes.count >= count else { return }
        let data = Array(bytes.prefix(count))
        bytes.removeFirst(count)
        awaited = nil
        execute(line, data, now: now)
        continue
      }
      if let head = sendHead() {
        bytes.removeFirst(head.line.utf8.count + 1)
        awaited = head
        continue
      }
      guard let end = bytes.firstIndex(where: { $0 == 0x0D || $0 == 0x0A }) else { return }
      let line = String(decoding: bytes[..<end], as: UTF8.self)
      bytes.removeFirst(end + 1)
      if !line.isEmpty { execute(line, nil, now: now) }
    }
  }

  /// `SKSENDTO` with its length, where the blank behind it is there.
  private func sendHead() -> (line: String, count: Int)? {
    guard bytes.starts(with: Array("SKSENDTO ".utf8)) else { return nil }
    var blanks = 0
    for (index, byte) in bytes.enumerated() where byte == 0x20 {
      blanks += 1
      guard blanks == (options.isSided ? 7 : 6) else { continue }
      let line = String(decoding: bytes[..<index], as: UTF8.self)
      return line.split(separator: " ").last.flatMap { Int($0, radix: 16) }.map { (line, $0) }
    }
    return nil
  }

  var next: Instant? { outbox.map(\.at).min().map { min($0, renewal ?? $0) } ?? renewal }

  func take(now: Instant) -> [[UInt8]] {
    if let renewal, now >= renewal { renew(now: now) }
    let ready = outbox.filter { $0.at <= now }.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
    outbox.removeAll { $0.at <= now }
    return ready.flatMap { Self.pieces($0.bytes, options.piece) }
  }

  private static func pieces(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
    guard size < bytes.count else { return [bytes] }
    return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
  }

  func emit(raw bytes: [UInt8], now: Instant, after delay: Int64 = 10) {
    order += 1
    outbox.append((now + Milliseconds(delay), order, bytes))
  }

  func emit(_ line: String, now: Instant, after delay: Int64 = 10, end: String = "\r\n") {
    emit(raw: Array((line + end).utf8), now: now, after: delay)
  }

  // MARK: Commands

  func note(_ line: String) { commands.append(line) }

  func execute(_ line: String, _ data: [UInt8]?, now: Instant) {
    note(line)
    if echoes && options.hasEcho { emit(data == nil ? line : line + " ", now: now) }
    if let place = faults.firstIndex(of: .damagedInput) {
      faults.remove(at: place)
      return emit("FAIL ER09", now: now)
    }
    let words = line.split(separator: " ").map(String.init)
    switch words[0] {
    case "SKVER": answer("EVER 1.5.2", now: now)
    case "SKINFO":
      answer(
        "EINFO \(Self.own) 00005EFFFE005302 21 FFFF \(options.isSided != options.hidesDialect ? "0" : "FFFE")", now: now
      )
    case "ROPT":
      if options.hasDataForm {
        emit("OK 0\(options.writesBinary ? 0 : 1)", now: now, end: "\r")
      } else {
        emit("FAIL ER04", now: now)
      }
    case "SKRESET":
      forget()
      emit("OK", now: now)
    case "SKSREG": register(words, now: now)
    case "SKSETPWD":
      knowsPassword = words.count == 3 && words[1] == "C" && words[2] == Self.password
      emit("OK", now: now)
    case "SKSETRBID":
      knowsIdentifier = words.count == 2 && words[1] == Self.identifier
      emit("OK", now: now)
    case "SKSCAN": scan(words, now: now)
    case "SKLL64": emit(Self.meter, now: now)
    case "SKJOIN": join(now: now)
    case "SKSENDTO": send(data ?? [], now: now)
    case "SKTERM":
      emit(isJoined ? "OK" : "FAIL ER10", now: now)
      if isJoined { event("27", now: now, after: 500) }
      endSession()
    default: emit("FAIL ER04", now: now)
    }
  }

  func answer(_ line: String, now: Instant) {
    emit(line, now: now)
    emit("OK", now: now)
  }

  func event(_ number: String, parameter: String? = nil, now: Instant, after delay: Int64 = 10) {
    let side = options.isSided ? " 0" : ""
    emit("EVENT \(number) \(Self.meter)\(side)\(parameter.map { " " + $0 } ?? "")", now: now, after: delay)
  }

  private func register(_ words: [String], now: Instant) {
    guard words.count == 3 else { return emit("FAIL ER05", now: now) }
    switch words[1] {
    case "S2": channel = UInt8(words[2], radix: 16)
    case "S3": pan = UInt16(words[2], radix: 16)
    case "SFE": echoes = words[2] == "1"
    case "SA2": tellsQuality = words[2] == "1"
    default: return emit("FAIL ER06", now: now)
    }
    emit("OK", now: now)
  }

  private func scan(_ words: [String], now: Instant) {
    guard words.count == (options.isSided ? 5 : 4), let duration = Int(words[3]) else {
      return emit("FAIL ER05", now: now)
    }
    emit("OK", now: now)
    let length = Int64(269 * ((1 << duration) + 1))
    if isReachable, duration >= options.minimumDuration {
      event("20", now: now, after: length / 2)
      // A neighbour's meter is better to be heard.
      for (pairing, quality) in [("11223344", UInt8(0xFF)), (pairing, linkQuality)] {
        var lines = ["EPANDESC", "  Channel:\(hex(network.channel))", "  Channel Page:09"]
        lines += ["  Pan ID:\(hex(network.pan))", "  Addr:\(hex(network.address))", "  LQI:\(hex(quality))"]
        if options.isSided { lines.append("  Side:0") }
        emit((lines + ["  PairID:\(pairing)"]).joined(separator: "\r\n"), now: now, after: length / 2)
      }
    }
    event("22", now: now, after: length)
  }

  private func join(now: Instant) {
    if !losesAnswerOfJoin { emit("OK", now: now) }
    endSession()
    guard !joinIsSilent else { return }
    event("21", parameter: "02", now: now, after: 500)
    // What real modules show of the authentication: the id, as text in hexadecimal.
    let secret = Array("SM\(Self.identifier)".utf8)
    datagram(secret, port: 0x02CC, isProtected: false, now: now, after: 1000)
    let isRight = knowsPassword && knowsIdentifier && channel == network.channel && pan == network.pan
    guard isReachable, isRight, accepts, !isLimited else { return event("24", now: now, after: 30_000) }
    isJoined = true
    event("25", now: now, after: losesAnswerOfJoin ? 1000 : 4000)
    losesAnswerOfJoin = false
    renewal = options.lifetime.map { now + Milliseconds($0.count * 8 / 10) }
    datagram(frame(.notification, [0xD5], 0, from: .nodeProfile), now: now, after: 4500)
  }

  /// What a module does by itself before the session's lifetime is over.
  private func renew(now: Instant) {
    guard let lifetime = options.lifetime, isJoined else {
      renewal = nil
      return
    }
    event("29", now: now)
    if isReachable, accepts, !isLimited {
      event("25", now: now, after: 3000)
      renewal = now + Milliseconds(lifetime.count * 8 / 10)
    } else {
      event("24", now: now, after: 30_000)
      endSession()
    }
  }

  private func endSession() {
    isJoined = false
    renewal = nil
  }

  func forget() {
    endSession()
    (channel, pan, knowsPassword, knowsIdentifier) = (nil, nil, false, false)
    (echoes, tellsQuality) = (true, false)
  }

  /// The module starts anew; half a command is gone.
  func cyclePower() {
    forget()
    bytes = []
    awaited = nil
    outbox = []
  }

  func hangUp(now: Instant) {
    endSession()
    event("26", now: now)
    event("27", now: now, after: 200)
  }

  // MARK: The meter

  private func send(_ data: [UInt8], now: Instant) {
    let fault = faults.isEmpty ? nil : faults.removeFirst()
    let isHeard = isJoined && isReachable && !isLimited && fault != .sendingFailed
    if fault == .deferred { event("21", parameter: "02", now: now, after: 100) }
    event("21", parameter: isHeard ? "00" : "01", now: now, after: 200)
    if fault != .okLost { emit("OK", now: now, after: 210) }
    guard isHeard, let request = try? ECHONETFrame(data.span) else { return }
    switch request.service {
    case .confirmation: confirmations.append(request.transaction)
    case .get: answer(request, fault, now: now)
    default: break
    }
  }

  private func answer(_ request: ECHONETFrame, _ fault: Fault?, now: Instant) {
    var codes = request.properties.map(\.code)
    var transaction = request.transaction
    switch fault {
    case .dropped, .damagedInput: return
    case .wrongTransaction: transaction &+= 0x100
    case .refused: codes = Array(codes.dropFirst())
    case .spliced: notify(.notification, transaction: 0x7001, now: now, after: 1000)
    default: break
    }
    let isEmpty = fault == .empty
    let isWhole = !isEmpty && request.properties.allSatisfy { codes.contains($0.code) && properties[$0.code] != nil }
    var data = frame(
      isWhole ? .getResponse : .getRefused, request.properties.map(\.code), transaction,
      given: isEmpty ? [] : Set(codes))
    if fault == .truncated { data.removeLast(1) }
    datagram(data, now: now, after: 1500)
    if fault == .duplicated { datagram(data, now: now, after: 1600) }
  }

  /// Scheduled energies of both directions.
  func notify(_ service: ECHONETService, transaction: UInt16, now: Instant, after delay: Int64 = 10) {
    let stamp: [UInt8] = [0x07, 0xE9, 3, 31, 9, 30, 0]
    properties[0xEA] = stamp + (properties[0xE0] ?? [])
    properties[0xEB] = stamp + (properties[0xE3] ?? [])
    datagram(frame(service, [0xEA, 0xEB], transaction), now: now, after: delay)
  }

  private func frame(
    _ service: ECHONETService, _ codes: [UInt8], _ transaction: UInt16, from source: ECHONETObject = .meter,
    given: Set<UInt8>? = nil
  ) -> [UInt8] {
    var frame: [UInt8] = [0x10, 0x81, UInt8(transaction >> 8), UInt8(transaction & 255)]
    frame += source.bytes + ECHONETObject.controller.bytes + [service.rawValue, UInt8(codes.count)]
    for code in codes {
      let data = given?.contains(code) == false ? [] : properties[code] ?? []
      frame += [code, UInt8(data.count)] + data
    }
    return frame
  }

  func datagram(
    _ data: [UInt8], port: UInt16 = 0x0E1A, isProtected: Bool = true, now: Instant, after delay: Int64 = 10
  ) {
    var head = "ERXUDP \(Self.meter) \(Self.own) \(hex(port)) \(hex(port)) \(hex(network.address)) "
    if tellsQuality { head += "\(hex(linkQuality)) " }
    head += "\(isProtected ? 1 : 0) \(options.isSided ? "0 " : "")\(hex(UInt16(data.count))) "
    let written = options.writesBinary ? data : Array(Hexadecimal.text(data).utf8)
    emit(raw: Array(head.utf8) + written + [0x0D, 0x0A], now: now, after: delay)
  }

  func hex(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: MemoryLayout.size(ofValue: number) * 2 - digits.count) + digits
  }

  func count(_ prefix: String) -> Int { commands.count { $0.hasPrefix(prefix) } }
}
