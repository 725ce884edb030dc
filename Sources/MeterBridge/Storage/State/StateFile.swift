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
  private var sections: [Section] = []
  /// Whether the state differs from the file.
  private(set) var isChanged = false

  private struct Section {
    var name: String
    /// Nil for what its owner has given and the file has: with a thousand meters it is megabytes.
    var json: [UInt8]?
    /// The hash of what its owner has given; nil for what was read.
    var given: UInt64?
  }

  init(in files: any FileSystem) { self.files = files }

  /// For messages.
  var path: String { files.path(of: Self.name) }

  /// The JSON of a section; nil if it does not exist yet, or if its owner has given it and it is written.
  func section(_ name: String) -> [UInt8]? { sections.first { $0.name == name }?.json }

  /// Replaces the section of this name.
  mutating func set(_ name: String, to json: [UInt8]) {
    let hash = stableHash(json)
    let known = sections.first { $0.name == name }
    if known?.given.map({ $0 != hash }) ?? (known?.json != json) { isChanged = true }
    sections.removeAll { $0.name == name }
    sections.append(Section(name: name, json: json, given: hash))
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
    guard let members = try members() else { return "it is not a JSON object" }
    sections = members.map { Section(name: $0.name, json: $0.value) }
    return nil
  }

  /// The members of the file, none without a file; nil for a text that is not a JSON object.
  private func members() throws(Errno) -> [(name: String, value: [UInt8])]? {
    guard let text = try files.contents(of: Self.name, limit: Limits.stateFileBytes) else { return [] }
    return JSONMembers.split(text)
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
  ///
  /// A section that was given for an earlier write alone is taken from the file. It is left out if the file is not there any
  /// more.
  mutating func write() throws(Errno) {
    let written = try sections.contains { $0.json == nil } ? members() ?? [] : []
    var text: [UInt8] = Array("{".utf8)
    for section in sections {
      guard let json = section.json ?? written.first(where: { $0.name == section.name })?.value else { continue }
      if text.count > 1 { text.append(0x2C) }
      text += Array("\n\"\(section.name)\":".utf8)
      text += json
    }
    text += Array("\n}\n".utf8)
    try files.replace(Self.name, with: text)
    for place in sections.indices where sections[place].given != nil {
      // One that was left out is written when it is given again, even if it is the same.
      let isLeftOut = sections[place].json == nil && !written.contains { $0.name == sections[place].name }
      if isLeftOut { sections[place].given = nil } else { sections[place].json = nil }
    }
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
