extension LineInput {
  /// A part of the input: sound bytes in a row, or one damaged byte.
  enum Piece {
    case sound(ArraySlice<UInt8>)
    case damaged(UInt8)
  }

  /// All bytes in order.
  ///
  /// It is an array, because a reader changes its state for each piece: two closures could not both do so.
  var pieces: [Piece] {
    var pieces: [Piece] = []
    var start = 0
    for place in damaged where place >= start && place < bytes.count {
      if place > start { pieces.append(.sound(bytes[start..<place])) }
      pieces.append(.damaged(bytes[place]))
      start = place + 1
    }
    if start < bytes.count { pieces.append(.sound(bytes[start...])) }
    return pieces
  }
}
