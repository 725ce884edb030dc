import Testing
import TestSupport

@testable import Base
@testable import HTTP
@testable import MeterBridge

private let token = "00112233445566778899aabbccddeeff"

@Test("without a section `http` there is no server, and an empty one has the defaults")
func httpDefaults() throws {
  #expect(try configuration(rightMeter).http == nil)
  for text in ["http:\n", "http: {}\n"] {
    let http = try #require(try configuration(text + rightMeter).http)
    #expect(http == HTTPSettings())
    #expect(http.listen.description == "127.0.0.1:8080")
    #expect(!http.allowsAnonymous && http.password == nil && http.token == nil && http.username == "meterbridge")
  }
}

@Test("every setting of windows is read")
func everyWindowSettingIsRead() throws {
  let read = try configuration(
    """
    http:
      listen: "[::]:8443"
      username: anna
      password: geheim
      token: \(token)
      hosts: [meter.example, Pi4]
      allow_anonymous: false
      compat: false
      root: grid
      emulate:
        - {kind: homewizard, meter: grid, listen: "0.0.0.0:80"}
        - {kind: ecotracker, meter: grid_gas, listen: "127.0.0.1:81"}
        - {kind: shelly_pro_3em, meter: grid, listen: "[::1]:82"}
    udp:
      - {meter: grid, to: "192.168.1.5:7000", format: mbuspico, interval: 0}
      - {meter: grid_gas_2, to: "[::1]:7001"}
    \(rightMeter)
    """)
  let http = try #require(read.http)
  #expect(http.listen == ListenAddress("[::]:8443"))
  #expect(http.username == "anna" && http.password?.reveal == "geheim" && http.token?.reveal == token)
  #expect(http.hosts == ["meter.example", "pi4"])
  #expect(!http.hasCompatiblePages && http.root == "grid")
  #expect(http.emulations.map(\.kind) == [.homewizard, .ecotracker, .shellyPro3EM])
  #expect(http.emulations.map(\.meter) == ["grid", "grid_gas", "grid"])
  #expect(http.emulations.map(\.listen.description) == ["0.0.0.0:80", "127.0.0.1:81", "[::1]:82"])
  #expect(
    read.udp == [
      UDPSettings(meter: "grid", destination: UDPDestination(host: "192.168.1.5", port: 7000), interval: 0),
      UDPSettings(meter: "grid_gas_2", destination: UDPDestination(host: "::1", port: 7001)),
    ])
  #expect(!"\(read)".contains("geheim") && !"\(read)".contains(token))
}

private func http(_ settings: String, _ mistake: String) -> WrongConfiguration {
  WrongConfiguration("http: {\(settings)}\n" + rightMeter, "1:" + mistake)
}

private let everyone =
  "everyone in the network could read the meters: add `password` or `token`, or `allow_anonymous: true`"
private let guessed =
  "`token` can be guessed: at least 32 hexadecimal digits, or 22 letters and digits; `openssl rand -hex 16` makes one"

@Test(
  "a mistake in a window is named",
  arguments: [
    http("listen: '0.0.0.0:8080'", "16: \(everyone)"), http("listen: '[::]:8080'", "16: \(everyone)"),
    http("listen: '192.168.1.7:80'", "16: \(everyone)"), http("listen: '[::ffff:127.0.0.1]:80'", "16: \(everyone)"),
    http(
      "listen: 'localhost:8081'",
      "16: `localhost:8081` is not an address with a port, such as 127.0.0.1:8080; did you mean `127.0.0.1:8081`?"),
    http(
      "listen: '*:80'", "16: `*:80` is not an address with a port, such as 127.0.0.1:8080; did you mean `0.0.0.0:80`?"),
    http(
      "listen: ':80'", "16: `:80` is not an address with a port, such as 127.0.0.1:8080; did you mean `0.0.0.0:80`?"),
    http(
      "listen: '8080'",
      "16: `8080` is not an address with a port, such as 127.0.0.1:8080; did you mean `127.0.0.1:8080`?"),
    http(
      "listen: '::1:80'", "16: `::1:80` is not an address with a port, such as 127.0.0.1:8080; did you mean `[::1]:80`?"
    ),
    http("listen: 'pi.lan:80'", "16: `pi.lan:80` is not an address with a port, such as 127.0.0.1:8080"),
    http("listen: '127.0.0.1:0'", "16: `127.0.0.1:0` is not an address with a port, such as 127.0.0.1:8080"),
    http("username: a", "8: `username` needs `password` beside it"),
    http("username: 'a:b', password: x", "18: `a:b` has a colon in it, which ends a user name on the wire"),
    http("password: ''", "18: `password` is empty"),
    http("token: ''", "15: \(guessed)"), http("token: 00112233445566778899aabbccddeef", "15: \(guessed)"),
    http("token: 01234567890123456789012345678901", "15: \(guessed)"),
    http("token: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "15: \(guessed)"),
    http("token: AbCdEfGhIjKlMnOpQrStU", "15: \(guessed)"),
    http(
      "token: '00112233445566778899aabbccddee f'",
      "15: `token` has a character that a token cannot have: letters, digits and -._~+/="),
    http(
      "allow_anonymous: true, password: x",
      "8: `allow_anonymous` lets everyone in, and a password or token does not: keep one of them"),
    http("root: gird", "14: `gird` is not the id of a meter; did you mean `grid`?"),
    http("hosts: meter.lan", "15: `hosts` is a list: write `- ` before each name"),
    http(
      "hosts: ['http://meter.lan/']", "16: `http://meter.lan/` is an address with a scheme; did you mean `meter.lan`?"),
    http("pasword: x", "8: unknown key `pasword`; did you mean `password`?"),
    http("port: 80", "8: unknown key `port`; did you mean `listen`?"),
    http(
      "emulate: [{kind: p1, meter: grid, listen: '127.0.0.1:1'}]",
      "25: `p1` is not one of homewizard, ecotracker, shelly_pro_3em; did you mean `homewizard`?"),
    http("emulate: [{kind: homewizard, meter: heat, listen: '127.0.0.1:1'}]", "44: `heat` is not the id of a meter"),
    http(
      "emulate: [{kind: homewizard, meter: grid, listen: '0.0.0.0:8080'}]",
      "58: the server in line 1 listens on that port already (127.0.0.1:8080); choose another one"),
    WrongConfiguration(
      "udp: [{meter: grid, to: 192.168.1.5}]\n" + rightMeter,
      "1:25: `192.168.1.5` has no port number from 1 to 65535 at its end: HOST:PORT"),
    WrongConfiguration(
      "udp: [{meter: grid, to: '::1:70'}]\n" + rightMeter,
      "1:25: `::1:70` has an IPv6 address without brackets, as in `[::1]:7000`"),
    WrongConfiguration(
      "udp: [{meter: grid_heat9, to: 'a:70'}]\n" + rightMeter, "1:15: `grid_heat9` is not the id of a meter"),
    WrongConfiguration(
      "udp: {meter: grid}\n" + rightMeter, "1:6: `udp` is a list: write `- ` before the first key of each entry"),
  ])
private func windowMistakes(_ wrong: WrongConfiguration) {
  #expect(mistakes(wrong.text) == wrong.lines)
}

@Test("a secret in a mistake about it is not shown")
func secretsStayHidden() {
  let text = "http: {listen: '0.0.0.0:80', password: \"gehe\\0im\", token: kurzestoken}\n" + rightMeter
  let found = mistakes(text)
  #expect(found.count == 2)
  #expect(!found.joined().contains("gehe") && !found.joined().contains("kurzes"))
}

@Test("a page for ingress only may listen everywhere without a password")
func onlyIngress() throws {
  let http = try configuration(rightMeter + "http: {listen: '0.0.0.0:8099', only_ingress: true}\n").http
  #expect(http?.isOnlyForIngress == true)
  #expect(mistakes(rightMeter + "http: {listen: '0.0.0.0:8099', only_ingress: false}\n").count == 1)
}
