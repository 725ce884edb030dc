import Foundation
import Glibc
import Testing
import TestSupport

@testable import MeterBridge
@testable import Platform

/// A system of files that looks like Linux: `/dev`, `/sys` and `/proc` in a folder.
private final class FakeSystem {
  let folder: TemporaryFolder
  var folders: SystemFolders {
    SystemFolders(devices: folder.path("dev"), system: folder.path("sys"), processes: folder.path("proc"))
  }

  init() throws {
    folder = try TemporaryFolder()
    for name in ["dev", "sys/class/tty", "sys/bus/drivers", "proc"] { try make(name) }
  }

  func make(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: folder.path(path), withIntermediateDirectories: true)
  }

  func write(_ text: String, _ path: String) throws {
    try make((path as NSString).deletingLastPathComponent)
    try text.write(toFile: folder.path(path), atomically: true, encoding: .utf8)
  }

  func link(_ path: String, to target: String) throws {
    try make((path as NSString).deletingLastPathComponent)
    try FileManager.default.createSymbolicLink(atPath: folder.path(path), withDestinationPath: folder.path(target))
  }

  /// A USB adapter: its interface is two folders below the device that has the texts.
  func plug(_ name: String, driver: String, maker: String?, product: String?, link: String? = nil) throws {
    let usb = "sys/devices/usb1/\(name)"
    try write("0403\n", "\(usb)/idVendor")
    if let maker { try write("\(maker)\n", "\(usb)/manufacturer") }
    if let product { try write("\(product)\n", "\(usb)/product") }
    try make("\(usb)/if0/\(name)")
    try make("sys/bus/drivers/\(driver)")
    try self.link("\(usb)/if0/\(name)/driver", to: "sys/bus/drivers/\(driver)")
    try self.link("sys/class/tty/\(name)/device", to: "\(usb)/if0/\(name)")
    try write("", "dev/\(name)")
    if let link { try self.link("dev/serial/by-id/\(link)", to: "dev/\(name)") }
  }
}

@Test("adapters are listed with what they say of themselves, without consoles and ports that do not exist")
func listOfAdapters() throws {
  let system = try FakeSystem()
  try system.plug("ttyUSB10", driver: "ftdi_sio", maker: "FTDI", product: "FTDI P1 Converter", link: "usb-FTDI_P1")
  try system.plug("ttyUSB2", driver: "cp210x", maker: "Silicon Labs", product: "CP2102")
  try system.make("sys/class/tty/tty0")
  try system.write("", "dev/tty0")
  // A port of the board that is there, behind the two drivers of newer kernels, and one that is not.
  for (name, type) in [("ttyS0", "4"), ("ttyS1", "0")] {
    try system.make("sys/devices/serial8250/\(name)/port")
    try system.link("sys/class/tty/\(name)/device", to: "sys/devices/serial8250/\(name)/port")
    try system.write("\(type)\n", "sys/class/tty/\(name)/type")
    try system.write("", "dev/\(name)")
  }
  for (place, driver) in [("ttyS0/port", "port"), ("ttyS0", "ctrl"), ("", "serial8250")] {
    try system.make("sys/bus/drivers/\(driver)")
    try system.link("sys/devices/serial8250/\(place)/driver", to: "sys/bus/drivers/\(driver)")
  }
  let adapters = SerialAdapter.all(in: system.folders)
  #expect(adapters.map { $0.device.split(separator: "/").last } == ["ttyS0", "ttyUSB2", "ttyUSB10"])
  #expect(adapters.map(\.driver) == ["serial8250", "cp210x", "ftdi_sio"])
  #expect(adapters.map(\.title) == [nil, "Silicon Labs CP2102", "FTDI P1 Converter"])
  // Without a name of its own an adapter is called by its device.
  #expect(adapters[1].source == adapters[1].device)
  #expect(adapters[2].source == system.folder.path("dev/serial/by-id/usb-FTDI_P1"))
  #expect(adapters[2].isSame(as: system.folder.path("dev/ttyUSB10")))
  #expect(adapters[2].isSame(as: adapters[2].source))
  #expect(!adapters[1].isSame(as: adapters[2].source))
}

@Test("an adapter cannot send control characters to the terminal")
func namesOfAdapters() throws {
  let system = try FakeSystem()
  try system.plug("ttyUSB0", driver: "x", maker: "a\u{1B}[31m", product: nil)
  #expect(SerialAdapter.all(in: system.folders)[0].title == "a\u{FFFD}[31m")
}

@Test("the programs that have a port open are named: by their files, and by their locks where the files are hidden")
func usersOfAPort() throws {
  let port = try TestPort()
  var status = stat()
  try #require(unsafe stat(port.path, &status) == 0)
  let system = try FakeSystem()
  try system.write("socat\n", "proc/812/comm")
  try system.make("proc/812/fd")
  try FileManager.default.createSymbolicLink(
    atPath: system.folder.path("proc/812/fd/3"), withDestinationPath: port.path)
  try system.write("meterbridge\n", "proc/900/comm")
  try system.write("/usr/local/bin/meterbridge\0run\0--key\0hidden\0", "proc/900/cmdline")
  let device = String(status.st_dev >> 8, radix: 16) + ":" + String(status.st_dev & 0xFF, radix: 16)
  try system.write(
    """
    1: POSIX  ADVISORY  WRITE 5 00:05:1 0 EOF
    2: FLOCK  ADVISORY  WRITE 900 \(device):\(status.st_ino) 0 EOF
    3: FLOCK  ADVISORY  WRITE 901 \(device):\(status.st_ino + 1) 0 EOF
    a line that is none
    """, "proc/locks")
  let users = PortUsage(in: system.folders).users(of: status)
  #expect(
    users == [PortUser(process: 812, name: "socat"), PortUser(process: 900, name: "meterbridge run")])
}

@Test("a port of the configuration is listed too, there or not")
func configuredPorts() throws {
  let system = try FakeSystem()
  try system.plug("ttyUSB0", driver: "ftdi_sio", maker: "FTDI", product: "P1", link: "usb-FTDI_P1")
  let port = try TestPort()
  let text = """
    meters:
      - {id: grid, protocol: p1, source: \(system.folder.path("dev/serial/by-id/usb-FTDI_P1"))}
      - {id: heat, protocol: mbus, address: 1, source: \(port.path)}
      - {id: water, protocol: mbus, address: 2, source: \(port.path)}
      - {id: far, protocol: p1, source: /dev/nowhere}
      - {id: page, protocol: p1, source: "http://h/x"}
    """
  let ports = PortsCommand.ports(try configuration(text), in: system.folders)
  #expect(ports.map(\.meters) == [["grid"], ["heat", "water"], ["far"]])
  #expect(ports.map(\.isThere) == [true, true, false])
  let lines = PortsCommand.table(ports).split(separator: "\n")
  let columns = lines.prefix(3).map { $0.firstRange(of: "  ")?.lowerBound != nil }
  #expect(columns == [true, true, true])
  #expect(lines[1].contains("ftdi_sio") && lines[1].hasSuffix("grid"))
  #expect(lines[3].contains("not there"))
  // Every cell of a column begins at the same place.
  let head = try #require(lines[0].firstRange(of: "USED BY")).lowerBound
  let place = lines[0].distance(from: lines[0].startIndex, to: head)
  #expect(String(lines[2].dropFirst(place)) == "heat, water")
  let json = try JSONSerialization.jsonObject(with: Data(PortsCommand.json(ports).utf8)) as? [[String: Any]]
  #expect(json?.count == 3)
  #expect(json?[0]["product"] as? String == "P1")
  #expect(json?[1]["meters"] as? [String] == ["heat", "water"])
  #expect(json?[2]["present"] as? Bool == false)
}
