import Foundation

/// A part of a JSON document, and the check of it against a schema of an OpenAPI document: the keywords that ours has.
package struct Schema {
  private let document: [String: Any]

  package init(_ openAPI: [UInt8]) throws {
    document = try JSONSerialization.jsonObject(with: Data(openAPI)) as? [String: Any] ?? [:]
  }

  /// What is wrong with a document: each with its place. An unknown keyword is a mistake too, else it would not be checked.
  package func mistakes(in json: [UInt8], as name: String) throws -> [String] {
    let value = try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)
    return mistakes(value, ["$ref": "#/components/schemas/\(name)"], "$")
  }

  private static let keywords: Set<String> = [
    "$ref", "type", "description", "required", "properties", "additionalProperties", "items", "enum",
  ]

  private func mistakes(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    var found = schema.keys.filter { !Self.keywords.contains($0) }.map { "\(place): keyword \($0)" }
    if let reference = schema["$ref"] as? String {
      guard let target = resolve(reference) else { return ["\(place): \(reference) is missing"] }
      return mistakes(value, target, place)
    }
    if let types = schema["type"].map({ $0 as? [String] ?? [$0 as? String ?? ""] }),
      !types.contains(where: { Self.is(value, $0) })
    {
      return ["\(place): is not \(types.joined(separator: " or "))"]
    }
    if let words = schema["enum"] as? [String], !words.contains(value as? String ?? "") {
      found.append("\(place): \(value)")
    }
    if let object = value as? [String: Any] {
      let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
      for name in schema["required"] as? [String] ?? [] where object[name] == nil {
        found.append("\(place).\(name): missing")
      }
      for (name, member) in object {
        if let property = properties[name] ?? schema["additionalProperties"] as? [String: Any] {
          found += mistakes(member, property, "\(place).\(name)")
        } else if schema["additionalProperties"] as? Bool == false {
          found.append("\(place).\(name): unknown")
        }
      }
    }
    if let array = value as? [Any], let items = schema["items"] as? [String: Any] {
      for (index, element) in array.enumerated() { found += mistakes(element, items, "\(place)[\(index)]") }
    }
    return found
  }

  private func resolve(_ reference: String) -> [String: Any]? {
    var here: Any? = document
    for level in reference.dropFirst(2).split(separator: "/") { here = (here as? [String: Any])?[String(level)] }
    return here as? [String: Any]
  }

  /// Every reference in the document that leads nowhere.
  package var danglingReferences: [String] { references(document).filter { resolve($0) == nil } }

  private func references(_ value: Any) -> [String] {
    if let object = value as? [String: Any] {
      return object.flatMap { key, member in key == "$ref" ? [member as? String ?? ""] : references(member) }
    }
    return (value as? [Any])?.flatMap(references) ?? []
  }

  private static func `is`(_ value: Any, _ type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "null": value is NSNull
    case "boolean": value is Bool
    case "number": value is NSNumber
    case "integer": (value as? NSNumber)?.doubleValue.rounded() == (value as? NSNumber)?.doubleValue
    default: false
    }
  }
}
