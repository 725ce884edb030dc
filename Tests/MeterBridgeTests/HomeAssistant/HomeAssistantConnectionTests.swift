import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Publishing

private func connect(_ peer: HomePeer, token: String = "good") throws(HomeAssistantTrouble) -> HomeAssistantConnection {
  guard let address = HomeAssistantAddress(peer.url) else { throw .unreachable("no address") }
  return try HomeAssistantConnection(address, token: Secret(token), authorityFile: nil)
}

@Suite("The connection to Home Assistant") struct HomeAssistantConnectionTests {
  @Test("a command is answered, with pings and events in between") func commands() throws {
    let peer = try HomePeer()
    peer.home.entities = ["meterbridge_grid_energy_import": "sensor.grid_energy_import"]
    var link = try connect(peer)
    #expect(link.version == HomeAssistantSettings.Version(year: 2026, month: 11))
    #expect(try link.entities() == ["meterbridge_grid_energy_import": "sensor.grid_energy_import"])
    #expect(try link.entities().count == 1)
    try link.pause(1)
    #expect(peer.home.commands.map { $0["id"] as? Int } == [1, 2])
    #expect(peer.words.first == "GET /api/websocket HTTP/1.1")
    #expect(eventually { peer.words.contains("pong") })
  }

  @Test("a refusal has Home Assistant's own words") func refusal() throws {
    let peer = try HomePeer()
    var link = try connect(peer)
    #expect(
      throws: HomeAssistantTrouble.refused(command: "nonsense", code: "unknown_command", message: "Unknown command.")
    ) {
      try link.ask("nonsense") { _ in }
    }
  }

  @Test("a token that is not valid ends at once") func wrongToken() throws {
    let peer = try HomePeer()
    #expect(throws: HomeAssistantTrouble.unauthorized) { try connect(peer, token: "bad") }
  }

  @Test("another web server is told", arguments: [HomePeer.Manner.noWebSocket, .wrongAccept])
  func otherServer(manner: HomePeer.Manner) throws {
    let peer = try HomePeer(manner)
    #expect(throws: HomeAssistantTrouble.self) { try connect(peer) }
  }

  @Test("a connection that Home Assistant closes is told") func closed() throws {
    let peer = try HomePeer(.closing)
    var link = try connect(peer)
    #expect(throws: HomeAssistantTrouble.unreachable("it has closed the connection")) { try link.entities() }
  }

  @Test("a port without a server is told") func refused() throws {
    let address = try #require(HomeAssistantAddress("http://127.0.0.1:\(try freePort())"))
    #expect(throws: HomeAssistantTrouble.unreachable("the connection is refused; is it on, and the port right?")) {
      try HomeAssistantConnection(address, token: Secret("good"), authorityFile: nil)
    }
  }

  @Test("an address has a scheme, a host and perhaps a path") func addresses() {
    #expect(HomeAssistantAddress("http://ha.lan:8123")?.shown == "ws://ha.lan:8123/api/websocket")
    #expect(HomeAssistantAddress("https://ha.lan/")?.shown == "wss://ha.lan/api/websocket")
    #expect(HomeAssistantAddress("wss://ha.lan/api/websocket")?.connection == "https://ha.lan/")
    #expect(HomeAssistantAddress("ws://supervisor/core/websocket")?.path == "/core/websocket")
    for wrong in ["ha.lan:8123", "ftp://ha.lan", "http://", "http://me:secret@ha.lan", "http://ha lan", "http://ha\n"] {
      #expect(HomeAssistantAddress(wrong) == nil, "\(wrong)")
    }
    #expect(HomeAssistantAddress("http://127.0.0.1:8123")?.isOnThisMachine == true)
    #expect(HomeAssistantAddress("http://[::1]:8123")?.isOnThisMachine == true)
    #expect(HomeAssistantAddress("http://ha.lan:8123")?.isOnThisMachine == false)
  }
}
