import CFaultyDisk
import CSQLite
import Glibc
import Testing

/// The layer below SQLite in the test's hands: it fails the calls that the test chooses, and remembers all others, so that
/// the files can be put together as a kill or a power cut would have left them.
@safe final class FaultyDisk {
  struct Call {
    var kind: faulty_call
    var path: String
    var offset: Int
    var bytes: [UInt8]
  }

  let name: String
  private var layer: UnsafeMutablePointer<sqlite3_vfs>?
  /// What has been done.
  private(set) var calls: [Call] = []
  /// The number of the first call that fails, from 1.
  var failing = Int.max
  /// Whether the calls after it fail too.
  var failsForGood = false
  private(set) var count = 0
  var remembers = false

  init() throws {
    name = "faulty-\(UInt64.random(in: 0...UInt64.max))"
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe layer = faulty_disk_register(name, onCall, context)
    unsafe try #require(layer != nil)
  }

  deinit { unsafe faulty_disk_unregister(layer) }

  /// The disk works again.
  func heal() {
    failing = .max
    failsForGood = false
  }

  fileprivate func answer(_ call: Call) -> Int32 {
    count += 1
    if count == failing || failsForGood && count > failing {
      if call.kind == faulty_write { return SQLITE_FULL }
      return call.kind == faulty_sync ? SQLITE_IOERR | 4 << 8 : SQLITE_IOERR
    }
    if remembers { calls.append(call) }
    return SQLITE_OK
  }

  /// The files after the first `end` calls. Of what was not yet waited for, a power cut leaves what `survives` picks.
  func files(after end: Int, survives: (Int) -> Bool) -> [String: [UInt8]] {
    var lastSync: [String: Int] = [:]
    for (index, call) in calls.prefix(end).enumerated() where call.kind == faulty_sync { lastSync[call.path] = index }
    var files: [String: [UInt8]] = [:]
    for (index, call) in calls.prefix(end).enumerated() {
      if call.kind == faulty_write || call.kind == faulty_truncate {
        guard index < lastSync[call.path] ?? -1 || survives(index) else { continue }
      }
      var bytes = files[call.path] ?? []
      switch call.kind {
      case faulty_write:
        let size = call.offset + call.bytes.count
        if bytes.count < size { bytes += [UInt8](repeating: 0, count: size - bytes.count) }
        bytes.replaceSubrange(call.offset..<size, with: call.bytes)
      case faulty_truncate: bytes.removeLast(max(0, bytes.count - call.offset))
      default: break
      }
      files[call.path] = call.kind == faulty_delete ? nil : bytes
    }
    return files
  }
}

private func onCall(
  _ context: UnsafeMutableRawPointer?, _ kind: faulty_call, _ path: UnsafePointer<CChar>?, _ offset: Int64,
  _ bytes: UnsafeRawPointer?, _ count: Int32
) -> Int32 {
  guard let context = unsafe context, let path = unsafe path else { return SQLITE_ERROR }
  let content = unsafe bytes.map { unsafe [UInt8](UnsafeRawBufferPointer(start: $0, count: Int(count))) }
  let call = unsafe FaultyDisk.Call(
    kind: kind, path: String(cString: path), offset: Int(offset), bytes: content ?? [])
  return unsafe Unmanaged<FaultyDisk>.fromOpaque(context).takeUnretainedValue().answer(call)
}
