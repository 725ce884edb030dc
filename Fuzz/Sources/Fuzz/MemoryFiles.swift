import Glibc
import Synchronization

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// A folder in memory.
final class MemoryFiles: FileSystem {
  fileprivate struct State {
    var files: [String: [UInt8]] = [:]
    var open: [Int32: String] = [:]
    var last: Int32 = 2
  }

  private let state: Mutex<State>

  init(_ files: [String: [UInt8]]) { state = Mutex(State(files: files)) }

  let path = "/state"
  /// No open file has this number.
  let descriptor: Int32 = -1

  func open(_ name: String, _ flags: Int32) throws(Errno) -> Int32 {
    try change { state throws(Errno) in
      if state.files[name] == nil {
        guard flags & O_CREAT != 0 else { throw Errno(ENOENT) }
        state.files[name] = []
      } else if flags & O_EXCL != 0 {
        throw Errno(EEXIST)
      }
      state.last += 1
      state.open[state.last] = name
      return state.last
    }
  }

  func close(_ file: Int32) {
    state.withLock { state in
      precondition(state.open.removeValue(forKey: file) != nil, "closed twice")
    }
  }

  /// Every file is written at its end: that is all this program does.
  func write(_ bytes: ArraySlice<UInt8>, to file: Int32) throws(Errno) -> Int {
    try change { state throws(Errno) in
      let name = try state.name(of: file)
      state.files[name, default: []] += bytes
      return bytes.count
    }
  }

  func read(_ count: Int, at offset: Int64, from file: Int32) throws(Errno) -> [UInt8] {
    try change { state throws(Errno) in
      let bytes = state.files[try state.name(of: file)] ?? []
      guard count > 0, offset >= 0, offset < bytes.count else { return [] }
      return Array(bytes[Int(offset)...].prefix(count))
    }
  }

  func status(of file: Int32) throws(Errno) -> FileStatus {
    try change { state throws(Errno) in
      let name = try state.name(of: file)
      let inode = UInt(bitPattern: name.hashValue)
      return FileStatus(size: Int64(state.files[name]?.count ?? 0), device: 1, inode: inode)
    }
  }

  func truncate(_ file: Int32, to size: Int64) throws(Errno) {
    try change { state throws(Errno) in
      let name = try state.name(of: file)
      state.files[name] = Array(state.files[name, default: []].prefix(Int(size)))
    }
  }

  func rename(_ name: String, to newName: String) throws(Errno) {
    try change { state throws(Errno) in
      guard let bytes = state.files.removeValue(forKey: name) else { throw Errno(ENOENT) }
      state.files[newName] = bytes
    }
  }

  func remove(_ name: String) throws(Errno) {
    try change { state throws(Errno) in
      if state.files.removeValue(forKey: name) == nil { throw Errno(ENOENT) }
    }
  }

  func sync(_ file: Int32) throws(Errno) {}
  func lock(_ file: Int32) throws(Errno) {}
  func unlock(_ file: Int32) {}

  /// Nothing may stay open.
  var isClosed: Bool { state.withLock { $0.open.isEmpty } }

  private func change<Result>(_ body: (inout State) throws(Errno) -> Result) throws(Errno) -> Result {
    let result: Swift.Result<Result, Errno> = state.withLock { state in
      do throws(Errno) { return .success(try body(&state)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}

extension MemoryFiles.State {
  fileprivate func name(of file: Int32) throws(Errno) -> String {
    guard let name = open[file] else { throw Errno(EBADF) }
    return name
  }
}
