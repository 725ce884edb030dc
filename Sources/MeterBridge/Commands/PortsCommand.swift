internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge ports`: the serial ports of this machine, who may open them and who does.
enum PortsCommand {
  /// - Parameters:
  ///   - configuration: whose meters are named; nil without one.
  ///   - folders: where the system tells about its ports.
  /// - Returns: the adapters, then the configured ports that are none.
  static func ports(_ configuration: Configuration?, in folders: SystemFolders = SystemFolders()) -> [SerialAdapter] {
    var ports = SerialAdapter.all(in: folders)
    for meter in configuration?.meters ?? [] {
      guard case .serial(let path) = meter.source else { continue }
      let place = ports.firstIndex { $0.isSame(as: path) } ?? ports.endIndex
      if place == ports.endIndex { ports.append(.named(path)) }
      ports[place].meters.append(meter.id)
    }
    let usage = PortUsage(in: folders)
    for index in ports.indices { ports[index].inspect(usage) }
    return ports
  }

  /// A table for people, and what to do about ports that cannot be opened.
  static func table(_ ports: [SerialAdapter]) -> String {
    guard !ports.isEmpty else {
      return "no serial port: is the adapter plugged in?\n"
    }
    let head = ["PORT", "DEVICE", "ADAPTER", "DRIVER", "GROUP", "OPEN", "USED BY"]
    let rows = ports.map { port in
      [
        port.source, port.links.isEmpty ? "-" : port.device, port.title ?? "-", port.driver ?? "-", port.group ?? "-",
        port.isThere ? port.mayOpen ? "yes" : "no" : "not there", port.usedBy ?? "-",
      ]
    }
    let forbidden = ports.first { $0.isThere && !$0.mayOpen }
    let advice = forbidden.map { "\n" + SerialTrouble.opening($0.device, EACCES).reason + "\n" } ?? ""
    return TextTable.lines([head] + rows).joined() + advice
  }

  /// A JSON array with an object for each port.
  static func json(_ ports: [SerialAdapter]) -> String {
    var json = JSONText()
    json.array { json in
      for port in ports { json.object { $0.members(of: port) } }
    }
    return json.text + "\n"
  }
}

extension SerialAdapter {
  /// Whether a path leads to this port.
  func isSame(as path: String) -> Bool {
    path == device || links.contains(path) || Self.canonical(path).map { $0 == Self.canonical(device) } ?? false
  }

  /// Maker and product, without the maker's name twice.
  var title: String? {
    guard let maker, let product else { return product ?? maker }
    return product.hasPrefix(maker) ? product : "\(maker) \(product)"
  }

  /// The meters of the configuration, and the programs that have it open.
  var usedBy: String? {
    let names = meters + users.map { "\($0.name) (process \($0.process))" }
    return names.isEmpty ? nil : names.joined(separator: ", ")
  }
}

extension JSONText {
  fileprivate mutating func members(of port: SerialAdapter) {
    member("source", port.source)
    member("device", port.device)
    array("by_id") { json in port.links.forEach { json.value($0) } }
    member("driver", port.driver)
    member("manufacturer", port.maker)
    member("product", port.product)
    member("serial", port.serial)
    member("group", port.group)
    member("present", port.isThere)
    member("may_open", port.mayOpen)
    array("meters") { json in port.meters.forEach { json.value($0) } }
    array("users") { json in
      for user in port.users {
        json.object { json in
          json.member("pid", user.process)
          json.member("name", user.name)
        }
      }
    }
  }
}

extension Command {
  /// Lists the serial ports.
  static let ports = Command(
    name: "ports", options: [.config, .json],
    summary: "list the serial ports, and who uses them",
    details: """
      Lists the serial ports of this machine: the name to write as `source`, the adapter
      and its driver, the group whose members may open it and whether you may, the meters
      that the configuration has on it, and the programs that have it open. No port is
      opened. Without a configuration the meters are left out.

      Ends with 0, also without a port. 78 where the configuration is wrong.
      """
  ) { arguments, console in
    var configuration: Configuration?
    do throws(ConfigurationError) {
      configuration = try Configuration.read(path: arguments.configuration)
    } catch {
      // Who has not written one yet wants to see the ports all the more.
      if case .unreadable = error, arguments[.config] == nil {
        configuration = nil
      } else {
        error.lines.forEach(console.complain)
        return error.exitStatus
      }
    }
    let ports = PortsCommand.ports(configuration)
    console.write(arguments.has(.json) ? PortsCommand.json(ports) : PortsCommand.table(ports))
    return EX_OK
  }
}
