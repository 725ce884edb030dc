import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

private func run(_ words: String...) throws -> (status: Int32, output: String, errors: String) {
  try runProgram(words)
}

@Test("the version is one line")
func version() throws {
  for word in ["version", "--version", "-V"] {
    #expect(try run(word) == (0, "meterbridge \(Version.text)\n", ""))
  }
}

@Test("without a command the program lists its commands")
func noCommand() throws {
  let nothing = try run()
  #expect(nothing.status == 64)
  #expect(nothing.output == "")
  let help = try run("help")
  #expect(help.status == 0)
  #expect(nothing.errors == help.output + "\n" || nothing.errors == help.output)
  #expect(try run("--help") == help)
}

@Test("help names every command once")
func help() throws {
  let lines = try run("help").output.split(separator: "\n")
  for command in Program.commands {
    #expect(lines.count { $0.hasPrefix("  \(command.name) ") && $0.hasSuffix(command.summary) } == 1)
  }
}

@Test("every command explains itself", arguments: Program.commands.map(\.name))
func commandHelp(name: String) throws {
  let command = try Program.command(named: name)
  let page = try run("help", name)
  #expect(page.status == 0)
  #expect(page.output.hasPrefix("meterbridge \(name): \(command.summary)\n\nUsage: meterbridge \(name)"))
  for option in command.options { #expect(page.output.contains("\n  \(option.usage) ")) }
  #expect(try run(name, "--help").output == page.output)
  #expect(!page.output.split(separator: "\n").contains { $0.count > 120 }, "\(page.output)")
}

@Test("an unknown word is a usage error")
func unknownWords() throws {
  #expect(
    try run("chek")
      == (64, "", "meterbridge: unknown command chek; did you mean check?\n`meterbridge help` shows its usage.\n"))
  #expect(
    try run("frobnicate", "/dev/ttyUSB0")
      == (64, "", "meterbridge: unknown command frobnicate\n`meterbridge help` shows its usage.\n"))
  #expect(
    try run("check", "--conf", "x")
      == (
        64, "",
        "meterbridge check: unknown option --conf; did you mean --config?\n"
          + "`meterbridge help check` shows its usage.\n"
      ))
  #expect(
    try run("check", "x.yaml", "y.yaml")
      == (64, "", "meterbridge check: unexpected y.yaml\n`meterbridge help check` shows its usage.\n"))
  #expect(try run("help", "chekc").status == 64)
  #expect(try run("decode", "--set", "factor=x").errors.contains("--set factor: `x` is not a valid factor"))
}

@Test("check summarises a valid file")
func check() throws {
  let example = repository.appending(path: "deploy/meterbridge.example.yaml").path
  let result = try run("check", "--config", example)
  #expect(result.status == 0)
  #expect(result.errors == "")
  #expect(
    result.output == """
      \(example) is right: 4 meters, broker localhost, port 1883
        grid      p1 on /dev/serial/by-id/usb-FTDI_FT232R_USB_UART_AB0CDEFG-if00-port0
        heat      mbus on tcp://mbus-gateway.lan:10001, address 45
        flat_2    mbus on tcp://mbus-gateway.lan:10001, address 83012345
        workshop  mbus on /dev/serial/by-id/usb-Silicon_Labs_CP2102_M-Bus_0001-if00-port0, the only meter on the line

      """)
}

@Test("check ends with the statuses of sysexits")
func checkExitStatus() throws {
  let folder = try TemporaryFolder()
  let path = folder.path + "/m.yaml"
  let missing = try run("check", "--config", path)
  #expect(missing.status == 66 && missing.errors.hasPrefix("\(path): No such file or directory; `--config FILE` "))
  #expect(missing.errors.contains("deploy/meterbridge.example.yaml"))
  try folder.write("mqtt: {port: x}\nmeters: [{}]\n", to: "m.yaml")
  #expect(
    try run("check", "--config", path)
      == (
        78, "",
        """
        \(path):1:14: `x` is not a port number: 1 to 65535
        \(path):2:10: `id` is missing: `a`–`z`, `0`–`9` and `_`, not `bridge`
        \(path):2:10: `protocol` is missing: `mbus`, `p1`, `dlms`, `sml`, `d0`, `echonet`, `wmbus`
        \(path):2:10: `source` is missing: \(ValueFormat<SourceAddress>.source.described)

        """
      ))
}

@Test("check and run take the configuration by any of its usual spellings")
func configurationNames() throws {
  let example = repository.appending(path: "deploy/meterbridge.example.yaml").path
  for words in [["--config", example], ["-c", example], ["-c=\(example)"], [example]] {
    #expect(Program.run(["check"] + words, Console(output: -1, errors: -1)) == 0, "\(words)")
    let missing = words.map { $0.replacing(".yaml", with: ".yml") }
    #expect(Program.run(["run"] + missing, Console(output: -1, errors: -1)) == 66)
  }
  #expect(try run("check", "-c", example, example).errors.contains("two configurations: "))
}

@Test("decode always prints something")
func decode() throws {
  let folder = try TemporaryFolder()
  try folder.write("\r\n", to: "blank")
  let result = DecodeCommand(
    meterProtocol: .p1, settings: MeterSettings(id: "x", meterProtocol: .p1, source: .standardInput, sourceText: "-")
  ).decode(Array("\r\n".utf8))
  #expect(result.map(\.isGood) == [false])
  #expect(try run("decode", "--protocol", "p1", folder.path + "/blank").status == 65)
  #expect(try run("decode", folder.path + "/nothing", folder.path + "/blank").status == 66)
}

@Test("check and topics do not show credentials")
func credentials() throws {
  let folder = try TemporaryFolder()
  let id = SimulatedDongle.credentials.identifier.reveal
  let password = SimulatedDongle.credentials.password.reveal
  let meter = "{id: a, protocol: echonet, source: /dev/ttyUSB0, route_b_id: \(id), password: \(password)}"
  try folder.write("state_directory: \(folder.path)\nmeters: [\(meter)]\n", to: "m.yaml")
  for command in ["check", "topics"] {
    let result = try run(command, "--config", folder.path + "/m.yaml")
    #expect(result.status == 0)
    #expect(result.output.contains("echonet"))
    #expect(!(result.output + result.errors).tells(id) && !(result.output + result.errors).tells(password))
  }
  try folder.write("meters: [\(meter.replacing("password", with: "pasword"))]\n", to: "m.yaml")
  let wrong = try run("check", "--config", folder.path + "/m.yaml")
  #expect(wrong.status == 78 && !wrong.errors.tells(id) && !wrong.errors.tells(password))
}
