import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import HTTP
@testable import MeterBridge

/// Asks the emulated meters as their clients do, and prints what these understood, one line each.
private let clients = """
  import asyncio, sys
  import aiohttp
  from homewizard_energy import HomeWizardEnergy
  from aioshelly.common import ConnectionOptions, get_info
  from aioshelly.rpc_device import RpcDevice

  async def main(homewizard, shelly):
      async with HomeWizardEnergy("127.0.0.1:" + homewizard) as api:
          print("homewizard", (await api.device()).product_type, (await api.data()).active_power_w)
      async with aiohttp.ClientSession() as session:
          info = await get_info(session, "127.0.0.1", port=int(shelly))
          print("shelly", info["gen"], info["model"])
          async with session.get(f"http://127.0.0.1:{shelly}/rpc/EM.GetStatus?id=0") as answer:
              print("shelly", (await answer.json())["total_act_power"])
          device = RpcDevice(None, session, ConnectionOptions("127.0.0.1", port=int(shelly)))
          await device.initialize()
          status, methods = device.status, await device.methods_list()
          print("by WebSocket", device.name, status["em:0"]["total_act_power"], status["emdata:0"]["total_act"])
          print("methods", *methods)
          await device.poll()
          print("polled", device.status["em:0"]["total_act_power"])
          await device.shutdown()

  asyncio.run(main(*sys.argv[1:]))
  """

/// A UDP socket on this machine.
private final class DatagramPeer {
  let socket: Int32
  let port: UInt16

  init() throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let raw = socket
    let code = unsafe withUnsafeMutablePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(raw, address, size) == 0 ? unsafe getsockname(raw, address, &size) : -1
      }
    }
    try #require(code == 0)
    port = UInt16(bigEndian: place.sin_port)
  }

  deinit { close(socket) }

  /// The next datagram; empty without one.
  func receive() -> String {
    var bytes = [UInt8](repeating: 0, count: 2048)
    let count = unsafe recv(socket, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  func send(_ text: String, to port: UInt16) {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let raw = socket
    _ = unsafe withUnsafePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(raw, text, text.utf8.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

/// What `/compat`, the UDP sender and the emulated meters show of simulated meters, through the real program.
@Test("users of other tools, batteries and chargers find what they had") func changeOver() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let ports = try (0..<4).map { _ in try freePort() }
  let loxone = try DatagramPeer()
  let meters = try bridge.simulate("dlms-kaifa=netz", "mbus-pro380=bus", "p1-nl=grid")
  try bridge.configure(
    """
      - {id: netz, protocol: dlms, source: $/netz}
      - {id: heat, protocol: mbus, source: $/bus, address: 1, interval: 2s}
      - {id: grid, protocol: p1, source: $/grid}
    """,
    more: """
      http:
        listen: 127.0.0.1:\(ports[0])
        root: netz
        emulate:
          - {kind: homewizard, meter: grid, listen: '127.0.0.1:\(ports[1])'}
          - {kind: ecotracker, meter: grid, listen: '127.0.0.1:\(ports[2])'}
          - {kind: shelly_pro_3em, meter: grid, listen: '127.0.0.1:\(ports[3])'}
      udp:
        - {meter: netz, to: '127.0.0.1:\(loxone.port)', interval: 0}
      """)
  try bridge.run()
  func page(_ path: String, port: UInt16 = ports[0]) -> String {
    let request = LocalRequest(settings: HTTPSettings(listen: .loopback(port: port)))
    return (try? request.get(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
  #expect(
    eventually(every: 200) {
      page("/compat/prometheus-mbus-exporter/heat").contains(#"power_consumption_total{location="heat",tariff="1"} "#)
        && page("/compat/power-readout/grid").contains(#""unit":"KilowattHour""#)
        && page("/").hasPrefix("{\n\"timestamp\"")
    }, "\(bridge.log)")
  #expect(page("/") == page("/compat/mbuspico/netz"))
  var datagram = ""
  #expect(
    eventually {
      datagram = loxone.receive()
      return datagram.hasSuffix("\n}") && datagram.contains("\"activeEnergyPlus\": ")
    }, "\(datagram)")

  try clientsUnderstand(bridge, homeWizard: ports[1], shelly: ports[3])
  #expect(page("/v1/json", port: ports[2]).hasPrefix(#"{"power":"#))
  try batteryIsAnswered(at: ports[3])

  meters.end(SIGKILL)
  #expect(
    eventually(every: 200) {
      page("/rpc/EM.GetStatus", port: ports[3]).isEmpty && page("/").isEmpty
        && !page("/compat/prometheus-mbus-exporter/heat").contains("location")
    }, "an old value is still shown")
  bridge.end()
}

/// The clients of PyPI read the emulated meters.
private func clientsUnderstand(_ bridge: RunningBridge, homeWizard: UInt16, shelly: UInt16) throws {
  let python = repository.appending(path: ".build/peers/bin/python").path
  let said = bridge.path("clients")
  let command = "exec \"$0\" -c \"$1\" \(homeWizard) \(shelly) >'\(said)' 2>&1"
  let status = try ChildProcess("/bin/sh", ["-c", command, python, clients]).wait()
  let words = try String(contentsOfFile: said, encoding: .utf8)
  #expect(status == 0 && words.contains("homewizard HWE-P1 ") && words.contains("shelly 2 SPEM-003CEBEU"), "\(words)")
  #expect(words.contains(/by WebSocket shellypro3em-[0-9a-f]{12} -?\d+\.\d+ \d+\.\d+\n/), "\(words)")
  #expect(words.contains(/methods EM.GetConfig .*\npolled -?\d/), "\(words)")
}

/// A battery asks by UDP; bytes that are no call are not answered, and the next call is.
private func batteryIsAnswered(at port: UInt16) throws {
  let battery = try DatagramPeer()
  battery.send(#"{"id":1,"src":"battery","method":"EM.GetStatus","params":{"id":0}}"#, to: port)
  var answer = ""
  #expect(
    eventually {
      answer = battery.receive()
      return answer.contains(#""dst":"battery","result":{"id":0,"#) && answer.contains(#""total_act_power":"#)
    }, "\(answer)")
  for noise in ["", "{", String(repeating: "[", count: 1400), "\u{0}"] { battery.send(noise, to: port) }
  battery.send(#"{"id":2,"method":"EM.GetStatus"}"#, to: port)
  #expect(eventually { battery.receive().hasPrefix(#"{"id":2,"#) })
}
