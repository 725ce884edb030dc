internal import Base
internal import Decoders
internal import Meters

/// A text in double quotes with the escapes of JSON, which YAML, TOML and openHAB share.
func quoted(_ text: String) -> String {
  var json = JSONText()
  json.value(text)
  return json.text
}

/// Breaks a JSON text into lines, so that people can read it and compare two of them.
func indented(_ json: JSONText) -> String {
  var text = ""
  var indent = "\n"
  var isInString = false
  var isEscaped = false
  var opened: Character?
  for character in json.text {
    if isInString {
      text.append(character)
      isInString = isEscaped || character != "\""
      isEscaped = !isEscaped && character == "\\"
      continue
    }
    if "}]".contains(character) {
      indent.removeLast(2)
      // An empty object or list stays in its line.
      if opened == nil { text += indent }
    } else if opened != nil {
      text += indent
    }
    opened = nil
    text.append(character)
    switch character {
    case "{", "[":
      indent += "  "
      opened = character
    case ",": text += indent
    case ":": text += " "
    default: isInString = character == "\""
    }
  }
  return text + "\n"
}
