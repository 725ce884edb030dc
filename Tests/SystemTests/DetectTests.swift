import Foundation
import Glibc
import Testing
import TestSupport

@testable import Platform

/// Runs the real program; standard output goes to one file, messages to another.
private func run(_ words: [String], in bridge: RunningBridge) throws -> (status: Int32, output: String, errors: String)
{
  let child = try start(words, in: bridge)
  let status = child.wait()
  return (status, try text("found.yaml", in: bridge), try text("messages", in: bridge))
}

private func start(_ words: [String], in bridge: RunningBridge) throws -> ChildProcess {
  let command = "exec \"$0\" \"$@\" >'\(bridge.path("found.yaml"))' 2>'\(bridge.path("messages"))'"
  return try ChildProcess("/bin/sh", ["-c", command, RealProgram.path] + words)
}

private func text(_ name: String, in bridge: RunningBridge) throws -> String {
  try String(contentsOfFile: bridge.path(name), encoding: .utf8)
}

/// What `check` says of the configuration that was found.
private func check(in bridge: RunningBridge) throws -> Int32 {
  try ChildProcess(RealProgram.path, ["check", bridge.path("found.yaml")]).wait()
}

@Test("detect names a meter that pushes, and its entry passes check")
func detectedPushers() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("p1-nl=p1", "dlms-kaifa-encrypted=kaifa", speed: 1)
  let p1 = try run(["detect", bridge.path("p1"), "--for", "12"], in: bridge)
  #expect(p1.status == 0 && p1.errors.isEmpty, "\(p1.errors)")
  #expect(p1.output.contains("at 115200 8N1: a P1 meter, version 5.0: ISK "), "\(p1.output)")
  #expect(try check(in: bridge) == 0)
  let kaifa = try run(["detect", bridge.path("kaifa"), "--for", "12"], in: bridge)
  #expect(kaifa.status == 0 && kaifa.output.contains("a DLMS meter, encrypted"), "\(kaifa.output)\(kaifa.errors)")
  #expect(kaifa.output.contains("# key: !file secrets/grid-key"))
  #expect(try check(in: bridge) == 0)
}

@Test("detect names meters behind an infrared eye: those that push, and with --ask one that is asked")
func detectedEyes() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("sml-emh=sml", "d0-push=push", "d0-electricity=asked", speed: 1)
  for (place, words, known) in [
    ("sml", ["--for", "6"], "sml"), ("push", ["--for", "6"], "d0"), ("asked", ["--for", "1", "--ask"], "d0"),
  ] {
    let found = try run(["detect", bridge.path(place)] + words, in: bridge)
    #expect(found.status == 0 && found.output.contains("protocol: \(known)"), "\(found.output)\(found.errors)")
    #expect(try check(in: bridge) == 0, "\(found.output)")
  }
}

@Test("only --ask finds a meter on an M-Bus, and silence says so")
func detectedBus() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("mbus-multical303=bus")
  let silent = try run(["detect", bridge.path("bus"), "--for", "1"], in: bridge)
  #expect(silent.status == 69 && silent.output.isEmpty)
  #expect(silent.errors.contains("P1 cable") && silent.errors.contains("--ask"), "\(silent.errors)")
  let asked = try run(["detect", bridge.path("bus"), "--for", "1", "--ask"], in: bridge)
  #expect(asked.status == 0, "\(asked.errors)")
  #expect(asked.output.contains("at 2400 8E1: an M-Bus meter: KAM MULTICAL 303, number 83012345"), "\(asked.output)")
  #expect(try check(in: bridge) == 0)
  #expect(asked.errors.isEmpty)
}

@Test("--ask finds a dongle, and several meters are not taken for one")
func detectedOthers() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("route-b=dongle", "mbus-water,address=0=two", "mbus-gas,address=1=two", speed: 1)
  let dongle = try run(["detect", bridge.path("dongle"), "--for", "1", "--ask"], in: bridge)
  #expect(dongle.status == 0, "\(dongle.errors)")
  #expect(dongle.output.contains("at 115200 8N1: a Wi-SUN dongle with SKSTACK"), "\(dongle.output)")
  #expect(dongle.output.contains("password: !file secrets/grid-password"))
  let two = try run(["detect", bridge.path("two"), "--for", "1", "--ask"], in: bridge)
  #expect(two.status == 69 && two.errors.contains("meterbridge scan"), "\(two.errors)")
}

@Test("--ask finds a receiver of wireless M-Bus, and the meters that it hears are entries")
func detectedReceiver() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("wmbus-amb8465,every=300=stick", speed: 1)
  let found = try run(["detect", bridge.path("stick"), "--for", "1", "--ask"], in: bridge)
  #expect(found.status == 0 && found.output.contains("found the receiver AMB8465"), "\(found.errors)")
  for number in ["71004711", "70500001", "83012345"] {
    #expect(found.output.contains("address: \(number)"), "\(found.output)")
  }
  #expect(found.output.contains("# key: !file") && found.errors.isEmpty)
  #expect(try check(in: bridge) == 0)
}

@Test("Ctrl-C ends detect with what was heard so far")
func interruptedDetect() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  let meter = try ScriptedMeter(in: bridge)
  let child = try start(["detect", bridge.path("port"), "--for", "60"], in: bridge)
  try #require(eventually { meter.isOpen })
  kill(child.id, SIGINT)
  #expect(eventually { child.hasEnded })
  #expect(child.exitStatus == 69)
  #expect(try text("messages", in: bridge).contains("stopped. \(bridge.path("port"))"))
}

@Test("an address is set over the port, and the meter is read there")
func commissionedMeter() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("mbus-multical303,address=0=bus", "mbus-water,address=9=bus")
  let words = ["set-address", bridge.path("bus"), "--meter", "83012345", "--yes", "--to"]
  let taken = try run(words + ["9"], in: bridge)
  #expect(taken.status == 69 && taken.errors.contains("the new address is taken"), "\(taken.errors)")
  let set = try run(words + ["12"], in: bridge)
  #expect(set.status == 0, "\(set.errors)")
  #expect(set.output == "meter 83012345 KAM answers at address 12 now; it was 0\n")
  let missing = try run(["set-address", "/nowhere", "--meter", "83012345", "--yes", "--to", "3"], in: bridge)
  #expect(missing.status == 69 && missing.errors.contains("/nowhere is not there"))
}

@Test("a meter with another speed is found at it, and takes a new one, which is read back")
func speedOfMeter() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("mbus-multical303,baud=9600=bus")
  let found = try run(["detect", bridge.path("bus"), "--for", "1", "--ask"], in: bridge)
  #expect(found.status == 0 && found.output.contains("    line: 9600 8E1\n"), "\(found.output)\(found.errors)")
  #expect(try check(in: bridge) == 0)
  let words = ["set-baud", bridge.path("bus"), "--meter", "83012345", "--yes", "--baud", "9600", "--to", "2400"]
  let set = try run(words, in: bridge)
  #expect(set.status == 0, "\(set.errors)")
  #expect(set.output == "meter 83012345 KAM answers at 2400 baud now; it was 9600\n")
  // It does not answer at its old speed any more.
  let again = try run(words, in: bridge)
  #expect(again.status == 69 && again.errors.contains("no meter takes the selection"), "\(again.errors)")
}
