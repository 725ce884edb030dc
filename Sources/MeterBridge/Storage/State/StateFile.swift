internal import Base
internal import Glibc
internal import Platform

/// `state.json`: the state that outlives a restart. Each section belongs to one part of the program.
///
/// A section is JSON that only its owner understands. A section without an owner stays as it was read. So an
/// older program keeps the sections of a newer one.
struct StateFile: Sendable {
  static let name = "state.json"

  private let files: any FileSystem
  private var sections: [(name: String, json: [UInt8])] = []
  /// Whether the state differs from the file.
  private(set) var isChanged = false

  init(in files: any FileSystem) { self.files = files }

  /// For messages.
  var path: String { files.path(of: Self.name) }

  /// The JSON of a section; nil if it does not exist yet.
  func section(_ name: String) -> [UInt8]? { sections.first { $0.name == name }?.json }

  /// Replaces the section of this name.
  mutating func set(_ name: String, to json: [UInt8]) {
    guard section(name) != json else { return }
    isChanged = true
    sections.removeAll { $0.name == name }
    sections.append((name, json))
  }

  /// Reads the file for the daemon. What cannot be read is moved aside and the state starts empty, as without a
  /// file.
  ///
  /// - Returns: a message for the user; nil if all is well.
  /// - Throws: if the machine has no descriptor or memory left. The file may still be good.
  mutating func read() throws(Errno) -> String? {
    do throws(Errno) { return try sort().map { setAside($0) } } catch {
      if [EMFILE, ENFILE, ENOMEM].contains(error.number) { throw error }
      return setAside("\(error)")
    }
  }

  /// Reads the file and never changes it.
  ///
  /// - Returns: why it cannot be read; nil if all is well.
  mutating func load() -> String? {
    do throws(Errno) { return try sort() } catch { return "\(error)" }
  }

  /// Splits the file into sections; returns the fault of its content.
  private mutating func sort() throws(Errno) -> String? {
    sections = []
    guard let text = try files.contents(of: Self.name, limit: Limits.stateFileBytes) else { return nil }
    guard let members = JSONMembers.split(text) else { return "it is not a JSON object" }
    sections = members.map { (name: $0.name, json: $0.value) }
    return nil
  }

  /// Drops a section that its owner cannot read, and keeps a copy of the whole file for the user.
  ///
  /// - Returns: a message for the user.
  mutating func dropDamaged(_ name: String, because reason: String) -> String {
    sections.removeAll { $0.name == name }
    isChanged = true
    return setAside("its section \(name): \(reason)")
  }

  /// Writes the file as a whole; after a power cut it is the old one or the new one.
  mutating func write() throws(Errno) {
    var text: [UInt8] = Array("{".utf8)
    for (index, section) in sections.enumerated() {
      if index > 0 { text.append(0x2C) }
      text += Array("\n\"\(section.name)\":".utf8) + section.json
    }
    text += Array("\n}\n".utf8)
    try files.replace(Self.name, with: text)
    isChanged = false
  }

  private func setAside(_ reason: String) -> String {
    let aside = Self.name + ".damaged"
    do throws(Errno) {
      try files.rename(Self.name, to: aside)
      return "\(path) cannot be read (\(reason)); it is kept as \(path).damaged, and the state starts empty"
    } catch {
      return "\(path) cannot be read (\(reason)) and cannot be moved aside (\(error)); the state begins anew"
    }
  }
}
