import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

private let known = KnownNetwork(
  network: SKSTACKNetwork(channel: 0x0B, pan: 0x4D42, address: 0x0000_5EFF_FE00_5301), fingerprint: "AB12")
private let other = KnownNetwork(
  network: SKSTACKNetwork(channel: 0x3C, pan: 1, address: .max), fingerprint: "CD34")

@Test("a network reads back as it was")
func roundTripOfNetworkFile() throws {
  let folder = try TemporaryFolder()
  let file = NetworkFile(in: folder.files, meter: "broute")
  #expect(file.read().network == nil && file.read().trouble == nil)
  try file.write(known)
  #expect(try folder.names() == ["pan-broute.json"])
  #expect(try folder.mode("pan-broute.json") == 0o600)
  #expect(file.read().network == known)
  try file.write(nil)
  try file.write(nil)
  #expect(try folder.names().isEmpty)
  try NetworkFile(in: Folder(making: folder.path + "/a/b"), meter: "broute").write(other)
  #expect(try NetworkFile(in: Folder(making: folder.path + "/a/b"), meter: "broute").read().network == other)
}

private let damaged = [
  "", "{}", "[]", "\0\0", #"{"channel":"0B","pan":"4D42","mac":"00005EFFFE005301"}"#,
  #"{"channel":11,"pan":"4D42","mac":"00005EFFFE005301","credentials":"AB12"}"#,
  #"{"channel":"0B","pan":"14D42","mac":"00005EFFFE005301","credentials":"AB12"}"#,
  String(repeating: "x", count: Limits.networkFileBytes + 1),
]

@Test("a damaged file is reported and ignored", arguments: damaged)
private func damagedFileOfNetworkFile(text: String) throws {
  let folder = try TemporaryFolder()
  try folder.write(text, to: "pan-broute.json")
  let found = NetworkFile(in: folder.files, meter: "broute").read()
  #expect(found.network == nil)
  #expect(found.trouble?.contains("searched again") == true)
}

/// Every call that a disk can refuse, refused: the file is the old one or the new one, whole, and the worker tries again.
@Test("the network is the old or the new one, whichever call fails", arguments: FailingFileSystem.Fault.allCases)
func failingCalls(fault: FailingFileSystem.Fault) throws {
  var number = 0
  while true {
    number += 1
    let folder = try TemporaryFolder()
    try NetworkFile(in: folder.files, meter: "broute").write(known)
    let files = FailingFileSystem(folder.files, fault, at: number)
    var worker = NetworkFiles(in: files)
    var said: [String] = []
    let start = Instant(milliseconds: 0)
    worker.keep(other, of: "broute", at: start)
    worker.write(at: start) { said.append($1) }
    let found = NetworkFile(in: folder.files, meter: "broute").read()
    #expect(found.network == known || found.network == other, "call \(number)")
    let isDone = worker.due == nil
    #expect(isDone == said.isEmpty, "call \(number)")
    if isDone {
      #expect(found.network == other)
    } else {
      worker.write(at: start + .seconds(59)) { said.append($1) }
      #expect(said.count == 1)
      worker.write(at: start + .minutes(1)) { said.append($1) }
      if fault == .once { #expect(worker.due == nil) }
    }
    // What is left behind is in nobody's way.
    try NetworkFile(in: folder.files, meter: "broute").write(known)
    #expect(try folder.names() == ["pan-broute.json"])
    if files.calls < number { break }
  }
  #expect(number > 4)
}

@Test("a fingerprint only tells credentials apart")
func fingerprintOfNetworkFile() throws {
  func fingerprint(_ id: String, _ password: String) throws -> String {
    try #require(SKSTACKCredentials(identifier: Secret(id), password: Secret(password)).fingerprint)
  }
  let id = SimulatedDongle.credentials.identifier.reveal
  let one = try fingerprint(id, "Q7W8E9R0T1Y2")
  #expect(one.count == 64)
  #expect(try fingerprint(id, "Q7W8E9R0T1Y2") == one)
  #expect(try fingerprint(id, "Q7W8E9R0T1Y3") != one)
  #expect(try fingerprint(String(id.dropLast()) + "0", "Q7W8E9R0T1Y2") != one)
  #expect(!one.tells(id))
}
