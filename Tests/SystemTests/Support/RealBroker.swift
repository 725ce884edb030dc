import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base

/// A broker of Debian's packages, as ordinary processes in a folder of their own: one, or a cluster of three.
final class RealBroker {
  enum Kind: String, CaseIterable, Sendable {
    case mosquitto, nats, rabbitmq, ejabberd

    var isCluster: Bool { self == .nats }
    /// Only ejabberd lets nobody in without them.
    var login: [String] { self == .ejabberd ? ["-u", "meterbridge", "-P", "any"] : [] }
    var settings: String { self == .ejabberd ? "username: meterbridge, password: any" : "" }
  }

  let kind: Kind
  /// For MQTT, one for each node.
  let ports: [UInt16]
  private let folder: URL
  /// For everything else that a node listens on.
  private let others: [UInt16]
  private var nodes: [ChildProcess?]

  init(_ kind: Kind) throws {
    self.kind = kind
    folder = FileManager.default.temporaryDirectory.appending(path: "\(kind.rawValue)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "home"), withIntermediateDirectories: true)
    let count = kind.isCluster ? 3 : 1
    var free: Set<UInt16> = []
    while free.count < count * 4 { free.insert(try freePort()) }
    ports = Array(free.prefix(count))
    others = Array(free.dropFirst(count))
    nodes = Array(repeating: nil, count: count)
    for node in nodes.indices {
      try configuration(of: node).write(to: folder.appending(path: "\(node).conf"), atomically: true, encoding: .utf8)
    }
    try "[rabbitmq_mqtt].\n".write(to: folder.appending(path: "plugins"), atomically: true, encoding: .utf8)
    for node in nodes.indices { try start(node) }
  }

  private func configuration(of node: Int) -> String {
    switch kind {
    case .mosquitto:
      "listener \(ports[node]) 127.0.0.1\nallow_anonymous true\nuser root\nlog_dest none\nmax_queued_messages 0\n"
    case .nats:
      """
      server_name: n\(node)
      listen: "127.0.0.1:\(others[node])"
      jetstream { store_dir: "\(folder.path)/\(node)" }
      cluster { name: c, listen: "127.0.0.1:\(others[3 + node])", routes: [\((3...5).map { "\"nats://127.0.0.1:\(others[$0])\"" }.joined(separator: ", "))] }
      mqtt { listen: "127.0.0.1:\(ports[node])" }
      """
    case .rabbitmq:
      "listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:\(ports[node])\nmqtt.allow_anonymous = true\n"
    case .ejabberd:
      """
      hosts: [localhost]
      loglevel: error
      listen: [{port: \(ports[node]), ip: "127.0.0.1", module: mod_mqtt}]
      auth_method: [anonymous]
      anonymous_protocol: login_anon
      modules: {mod_mqtt: {max_queue: infinity}}
      """
    }
  }

  func start(_ node: Int = 0) throws {
    let command =
      switch kind {
      case .mosquitto: "exec setsid /usr/sbin/mosquitto -c 0.conf"
      case .nats: "exec setsid /usr/sbin/nats-server -c \(node).conf"
      case .rabbitmq: "exec setsid /usr/lib/rabbitmq/bin/rabbitmq-server"
      case .ejabberd:
        "exec setsid erl -noinput -sname e@localhost -setcookie e -mnesia dir '\"'$PWD/spool'\"' -s ejabberd"
      }
    let path = folder.path
    nodes[node] = try ChildProcess(
      "/bin/sh", ["-c", "cd '\(path)' && \(command) >\(node).log"], log: "\(path)/\(node).errors",
      environment: [
        "HOME": "\(path)/home", "ERL_EPMD_PORT": "\(others[0])", "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_LIBS": kind == .ejabberd ? "/usr/lib/x86_64-linux-gnu" : "",
        "EJABBERD_CONFIG_PATH": "\(path)/0.conf", "EJABBERD_LOG_PATH": "\(path)/ejabberd.log",
        "RABBITMQ_NODENAME": "r@localhost", "RABBITMQ_MNESIA_BASE": "\(path)/mnesia", "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONFIG_FILE": "\(path)/0.conf", "RABBITMQ_ENABLED_PLUGINS_FILE": "\(path)/plugins",
        "RABBITMQ_DIST_PORT": "\(others[1])", "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_LOG_BASE": "\(path)/log",
      ])
  }

  /// Ends a node with all its processes, at once.
  func kill(_ node: Int = 0) {
    guard let process = nodes[node] else { return }
    _ = Glibc.kill(-process.id, SIGKILL)
    process.end(SIGKILL)
    nodes[node] = nil
  }

  /// Whether a node takes a message. RabbitMQ needs half a minute on a busy machine.
  func isReady(_ node: Int = 0) -> Bool {
    (1...3).contains { _ in eventually(every: 200) { publish("ready", "1", at: node) } }
  }

  func publish(_ topic: String, _ text: String, at node: Int = 0) -> Bool {
    let words = ["-p", "\(ports[node])", "-V", "311", "-i", "probe", "-q", "1", "-t", topic, "-m", text]
    return (try? ChildProcess("/usr/bin/timeout", ["5", "mosquitto_pub"] + words + kind.login).wait()) == 0
  }

  /// The retained message of a topic, asked for by its name; nil for none.
  func retained(_ topic: String, at node: Int = 0) -> String? {
    let file = folder.appending(path: "retained").path
    let words = ["-p", "\(ports[node])", "-V", "311", "-C", "1", "-t", topic, "-q", "1"] + kind.login
    let command = "exec timeout 5 mosquitto_sub \"$@\" >'\(file)'"
    guard (try? ChildProcess("/bin/sh", ["-c", command, "sh"] + words).wait()) == 0 else { return nil }
    return try? String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines)
  }

  deinit {
    nodes.indices.forEach { kill($0) }
    if kind == .rabbitmq || kind == .ejabberd {
      _ = try? ChildProcess("/usr/bin/epmd", ["-port", "\(others[0])", "-kill"]).wait()
    }
    try? FileManager.default.removeItem(at: folder)
  }
}
