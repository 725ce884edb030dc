import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

private let folder = repository.appending(path: "deploy/home-assistant/meterbridge")

private func text(_ name: String) throws -> String {
  try String(contentsOf: folder.appending(path: name), encoding: .utf8)
}

private func tree(_ name: String) throws -> YAMLNode {
  try #require(try YAMLDocument(Array(try text(name).utf8)).root)
}

extension YAMLNode {
  fileprivate var entries: [(key: String, value: YAMLNode)] {
    guard case .mapping(let entries) = content else { return [] }
    return entries.map { entry in
      guard case .scalar(let key, _) = entry.key.content else { return ("", entry.value) }
      return (key, entry.value)
    }
  }
  fileprivate var keys: [String] { entries.map(\.key) }
  fileprivate var elements: [YAMLNode] { if case .sequence(let all) = content { all } else { [] } }
  fileprivate var scalar: String? { if case .scalar(let text, _) = content { text } else { nil } }
  fileprivate subscript(_ key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }
}

/// What the Supervisor takes for a key of `config.yaml`, as a fact: supervisor/apps/validate.py, `SCHEMA_APP_CONFIG`,
/// home-assistant/supervisor 090ef31 (2026.08.0). It drops unknown keys without a word, so here they are a failure.
private enum Shape {
  case text, flag, matching(String), oneOf([String]), list(of: [String]), texts, any
}

private let shapes: [String: Shape] = [
  "name": .text, "version": .matching(#"\d+\.\d+\.\d+"#), "slug": .matching("[-_.A-Za-z0-9]+"), "description": .text,
  "arch": .list(of: ["aarch64", "amd64"]), "url": .matching("https?://.+"),
  "startup": .oneOf(["initialize", "system", "services", "application", "once"]),
  "boot": .oneOf(["auto", "manual", "manual_only"]), "init": .flag,
  "stage": .oneOf(["stable", "experimental", "deprecated"]), "ingress": .flag, "ingress_port": .matching(#"\d{1,5}"#),
  "ingress_stream": .flag, "panel_icon": .matching("mdi:[a-z-]+"), "panel_title": .text, "panel_admin": .flag,
  "host_network": .flag, "apparmor": .flag, "uart": .flag, "udev": .flag, "usb": .flag, "hassio_api": .flag,
  "homeassistant_api": .flag, "services": .list(of: ["mqtt:provide", "mqtt:want", "mqtt:need"]), "map": .any,
  "backup": .oneOf(["hot", "cold"]), "backup_exclude": .texts, "options": .any, "schema": .any,
  "image": .matching(#"[-a-z0-9.:/_]+"#), "timeout": .matching(#"\d{2,3}"#), "tmpfs": .flag,
]

/// The type of an option: `RE_SCHEMA_ELEMENT` of supervisor/apps/options.py.
private let optionType =
  #"(bool|email|url|port|device(\(subsystem=[a-z]+\))?|(str|password)(\(\d*,\d*\))?|(int|float)(\(-?[\d.]*,-?[\d.]*\))?|match\(.*\)|list\(.+\))\??"#

private func fits(_ text: String?, _ pattern: String) -> Bool {
  text?.range(of: "^(\(pattern))$", options: .regularExpression) != nil
}

@Test("config.yaml has the keys and values that the Supervisor takes")
func manifest() throws {
  let manifest = try tree("config.yaml")
  for (key, value) in manifest.entries {
    let shape = try #require(shapes[key], "unknown key \(key)")
    let isRight =
      switch shape {
      case .text: value.scalar?.isEmpty == false
      case .flag: ["true", "false"].contains(value.scalar)
      case .matching(let pattern): fits(value.scalar, pattern)
      case .oneOf(let words): words.contains(value.scalar ?? "")
      case .list(let words): !value.elements.isEmpty && value.elements.allSatisfy { words.contains($0.scalar ?? "") }
      case .texts: value.elements.allSatisfy { $0.scalar?.isEmpty == false }
      case .any: true
      }
    #expect(isRight, "\(key)")
  }
  for key in ["name", "version", "slug", "description", "arch"] { #expect(manifest[key] != nil, "\(key) is missing") }
  #expect(manifest["version"]?.scalar == Version.text)
  #expect(manifest["services"]?.elements.map(\.scalar) == ["mqtt:want"])
  #expect(manifest["map"]?.elements.map { $0["type"]?.scalar } == ["addon_config"])
  // The page listens where the Supervisor asks.
  #expect(AppConfiguration.listen == "0.0.0.0:\(manifest["ingress_port"]?.scalar ?? "")")
}

@Test("each option has a type, and those without `?` have a default")
func types() throws {
  let manifest = try tree("config.yaml")
  let schema = try #require(manifest["schema"])
  let options = try #require(manifest["options"])
  for (key, value) in schema.entries {
    let element = value.elements.first ?? value
    if let type = element.scalar {
      #expect(fits(type, optionType) && type.hasSuffix("?"), "\(key): \(type)")
    } else {
      #expect(options.keys.contains(key), "the Supervisor refuses options without the group \(key)")
      for (name, type) in element.entries { #expect(fits(type.scalar, optionType), "\(key), \(name)") }
    }
  }
  for key in options.keys { #expect(schema.keys.contains(key)) }
}

@Test("each option is one of the configuration, with all of its words")
func optionsAreSettings() throws {
  let schema = try #require(try tree("config.yaml")["schema"])
  let meter = try #require(schema["meters"]?.elements.first)
  let settings = Dictionary(grouping: Configuration.groups, by: \.path).mapValues { Set($0.flatMap(\.rows).map(\.key)) }
  for key in meter.keys where key != "device" { #expect(settings["meters"]?.contains(key) == true, "\(key)") }
  for key in schema["mqtt"]?.keys ?? [] { #expect(settings["mqtt"]?.contains(key) == true, "\(key)") }
  #expect(Set(schema.keys).subtracting(settings[""] ?? []) == ["discovery", "repair"])
  let protocols = meter["protocol"]?.scalar?.dropFirst("list(".count).dropLast().split(separator: "|").map(String.init)
  #expect(Set(protocols ?? []) == Set(ProtocolDescription.configurable.map(\.name)))
  #expect(schema["log_level"]?.scalar == "list(\(LogLevel.allCases.map(\.name).joined(separator: "|")))?")
}

@Test("each language names and explains every option", arguments: ["en", "de", "nl", "fr", "ja"])
func translations(language: String) throws {
  let schema = try #require(try tree("config.yaml")["schema"])
  let texts = try #require(try tree("translations/\(language).yaml")["configuration"])
  func check(_ options: [(key: String, value: YAMLNode)], _ texts: YAMLNode) {
    #expect(texts.keys == options.map(\.key))
    for (key, text) in texts.entries {
      #expect(text["name"]?.scalar?.isEmpty == false && text["description"]?.scalar?.isEmpty == false, "\(key)")
      #expect(Set(text.keys).isSubset(of: ["name", "description", "fields"]), "\(key)")
    }
    for (key, value) in options {
      let fields = (value.elements.first ?? value).entries
      guard !fields.isEmpty else { continue }
      if let inner = texts[key]?["fields"] { check(fields, inner) } else { Issue.record("\(key) has no fields") }
    }
  }
  check(schema.entries, texts)
}

@Test("the app has what its page in Home Assistant shows")
func presentation() throws {
  for (name, width, height) in [("icon.png", 128, 128), ("logo.png", 250, 100)] {
    let image = try Data(contentsOf: folder.appending(path: name))
    func number(at place: Int) -> Int { image[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) } }
    #expect(image.prefix(8).elementsEqual([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    #expect(number(at: 16) == width && number(at: 20) == height, "\(name)")
  }
  for name in ["DOCS.md", "CHANGELOG.md", "icon.svg", "logo.svg"] { #expect(try !text(name).isEmpty) }
  // The Supervisor looks for exactly one, and gives it a name of its own.
  let profiles = try text("apparmor.txt").split(separator: "\n").filter { $0.hasPrefix("profile ") }
  #expect(profiles.count == 1)
  let parts = try text("Dockerfile").split(separator: "\n")
  #expect(parts.contains { $0 == #"ENTRYPOINT ["/usr/bin/meterbridge", "run", "--home-assistant-app", "/"]"# })
}

@Test("each language says what each protocol is for", arguments: ["de", "en", "fr", "ja", "nl"])
func protocolsInTranslations(language: String) throws {
  let translation = try tree("translations/\(language).yaml")
  let words = try #require(translation["configuration"]?["meters"]?["fields"]?["protocol"]?["description"]?.scalar)
  for known in ProtocolDescription.all {
    let isThere = words.range(of: "(^|[^A-Za-z0-9])\(known.name)([^A-Za-z0-9]|$)", options: .regularExpression) != nil
    #expect(isThere, "\(known.name)")
  }
}
