extension Span<UInt8> {
  func hasText(_ text: [UInt8], at place: Int) -> Bool {
    guard place + text.count <= count else { return false }
    for index in text.indices where self[place + index] != text[index] { return false }
    return true
  }
}
