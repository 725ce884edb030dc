import Foundation
import Glibc
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// A folder of its own for one test, gone with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "meterbridge-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path + "/" + name))) }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
    // What tests write may be a secret.
    unsafe chmod(path + "/" + name, 0o600)
  }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  func mode(_ name: String = "") throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path + (name.isEmpty ? "" : "/" + name))
    return try #require(attributes[.posixPermissions] as? Int)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

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

  private let real = LinuxFileSystem()
  private let fault: Fault
  private let number: Int
  private(set) var calls = 0

  init(_ fault: Fault, at number: Int) {
    self.fault = fault
    self.number = number
  }

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

  func open(_ path: String, _ flags: Int32) throws(Errno) -> Int32 {
    if flags & O_CREAT != 0 { try count() }
    return try real.open(path, flags)
  }

  func truncate(_ file: Int32, to size: Int64) throws(Errno) {
    try count()
    try real.truncate(file, to: size)
  }

  func sync(_ file: Int32) throws(Errno) {
    try count()
    try real.sync(file)
  }

  func rename(_ path: String, to newPath: String) throws(Errno) {
    try count()
    try real.rename(path, to: newPath)
  }

  func remove(_ path: String) throws(Errno) {
    try count()
    try real.remove(path)
  }

  func makeDirectory(_ path: String) throws(Errno) {
    try count()
    try real.makeDirectory(path)
  }

  func lock(_ file: Int32) throws(Errno) { try real.lock(file) }
  func unlock(_ file: Int32) { real.unlock(file) }
  func close(_ file: Int32) { real.close(file) }
  func status(of file: Int32) throws(Errno) -> FileStatus { try real.status(of: file) }

  func read(_ count: Int, at offset: Int64, from file: Int32) throws(Errno) -> [UInt8] {
    try real.read(count, at: offset, from: file)
  }
}

/// A letter that tests tell from others by its message.
func sampleLetter(_ message: String = "checksum is 4F, the bytes add up to 50", meter: String = "heat") -> DeadLetter {
  DeadLetter(
    time: WallTime(milliseconds: 1_795_172_401_250), meter: meter, source: "/dev/ttyUSB0", kind: .undecodable,
    stage: .framing, code: "checksum_mismatch", message: message, offset: 21, protocolName: "mbus",
    bytes: [0x68, 0x03, 0x03, 0x68, 0x08, 0x01, 0x72, 0x00, 0x16])
}

/// `count` letters with rising ids, the messages "1", "2", ….
func sampleEntries(_ count: Int, after newest: DeadLetterID? = nil) -> [DeadLetterEntry] {
  var numbering = DeadLetterNumbering(after: newest)
  return (1...count).map { number in
    let letter = sampleLetter("\(number)")
    return DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter)
  }
}

/// All lines of a log, oldest first.
func readAll(_ log: DeadLetterLog) throws -> (entries: [DeadLetterEntry], damaged: [String]) {
  let reader = try DeadLetterReader(log)
  var entries: [DeadLetterEntry] = []
  var damaged: [String] = []
  while let line = try reader.next() {
    switch line {
    case .entry(let entry): entries.append(entry)
    case .damaged(let file, let line): damaged.append("\(file):\(line)")
    }
  }
  return (entries, damaged)
}
