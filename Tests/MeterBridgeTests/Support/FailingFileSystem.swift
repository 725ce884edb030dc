import Glibc

@testable import Base
@testable import Platform

/// The real files, but the call of a number fails, and from then on every call of that kind does if the disk stays full.
///
/// Only the calls that change something are counted: they are the ones a disk refuses.
final class FailingFileSystem: FileSystem, @unchecked Sendable {
  enum Fault: Sendable, CaseIterable {
    /// The call fails, once.
    case once
    /// The call and all after it fail, as on a disk that is full or read-only.
    case forGood
    /// A write takes half the bytes, and all calls after it fail: even taking the half back.
    case halfWritten
  }

  private let real: Folder
  private let fault: Fault
  private var number: Int
  private(set) var calls = 0

  init(_ real: Folder, _ fault: Fault, at number: Int) {
    self.real = real
    self.fault = fault
    self.number = number
  }

  /// The disk works again.
  func heal() { number = .max }

  private func count() throws(Errno) {
    calls += 1
    if calls == number || calls > number && fault != .once { throw Errno(ENOSPC) }
  }

  func write(_ bytes: ArraySlice<UInt8>, to file: Int32) throws(Errno) -> Int {
    if fault == .halfWritten, calls + 1 == number {
      calls += 1
      return try real.write(bytes.prefix(bytes.count / 2), to: file)
    }
    try count()
    return try real.write(bytes, to: file)
  }

  func open(_ name: String, _ flags: Int32) throws(Errno) -> Int32 {
    if flags & O_CREAT != 0 { try count() }
    return try real.open(name, flags)
  }

  func truncate(_ file: Int32, to size: Int64) throws(Errno) {
    try count()
    try real.truncate(file, to: size)
  }

  func sync(_ file: Int32) throws(Errno) {
    try count()
    try real.sync(file)
  }

  func rename(_ name: String, to newName: String) throws(Errno) {
    try count()
    try real.rename(name, to: newName)
  }

  func remove(_ name: String) throws(Errno) {
    try count()
    try real.remove(name)
  }

  var path: String { real.path }
  var descriptor: Int32 { real.descriptor }
  func lock(_ file: Int32) throws(Errno) { try real.lock(file) }
  func unlock(_ file: Int32) { real.unlock(file) }
  func close(_ file: Int32) { real.close(file) }
  func status(of file: Int32) throws(Errno) -> FileStatus { try real.status(of: file) }

  func read(_ count: Int, at offset: Int64, from file: Int32) throws(Errno) -> [UInt8] {
    try real.read(count, at: offset, from: file)
  }
}
