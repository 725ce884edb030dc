internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// `pan-<id>.json`: the network of a meter on the B-route, so that a restart needs no search.
struct NetworkFile: Sendable {
  let name: String
  private let files: any FileSystem

  init(in files: any FileSystem, meter: String) {
    name = Self.name(of: meter)
    self.files = files
  }

  static func name(of meter: String) -> String { "pan-\(meter).json" }

  /// For messages.
  var path: String { files.path(of: name) }

  /// Reads the file; nil without one.
  ///
  /// - Returns: the network, or the message about an unusable file.
  func read() -> (network: KnownNetwork?, trouble: String?) {
    do throws(Errno) {
      guard let text = try files.contents(of: name, limit: Limits.networkFileBytes) else { return (nil, nil) }
      if let known = KnownNetwork(parsing: text) { return (known, nil) }
      return (nil, "\(path) is damaged; the meter is searched again")
    } catch {
      return (nil, "\(path) cannot be read (\(error)); the meter is searched again")
    }
  }

  /// Writes it as a whole, or takes it away.
  func write(_ known: KnownNetwork?) throws(Errno) {
    if let known { try files.replace(name, with: known.encoded()) } else { try files.removeIfThere(name) }
  }
}

extension KnownNetwork {
  /// Numbers in the notation of the dongles.
  func encoded() -> [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("channel", Self.hexadecimal(UInt64(network.channel), digits: 2))
      json.member("pan", Self.hexadecimal(UInt64(network.pan), digits: 4))
      json.member("mac", Self.hexadecimal(network.address, digits: 16))
      json.member("credentials", fingerprint)
    }
    return json.bytes + [0x0A]
  }

  /// Reads what `encoded` wrote; nil for anything else.
  init?(parsing text: [UInt8]) {
    guard let members = JSONMembers.split(text) else { return nil }
    func member(_ name: String) -> String? {
      guard let value = members.first(where: { $0.name == name })?.value, value.count > 2, value.first == 0x22,
        value.last == 0x22
      else { return nil }
      return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
    }
    guard let channel = member("channel").flatMap({ UInt8($0, radix: 16) }),
      let pan = member("pan").flatMap({ UInt16($0, radix: 16) }),
      let mac = member("mac").flatMap({ UInt64($0, radix: 16) }), let fingerprint = member("credentials")
    else { return nil }
    self.init(network: SKSTACKNetwork(channel: channel, pan: pan, address: mac), fingerprint: fingerprint)
  }

  private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
    String(number, width: digits, radix: 16, uppercase: true)
  }
}
