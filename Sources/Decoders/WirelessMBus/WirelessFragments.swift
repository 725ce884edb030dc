/// Joins the fragments of a message that is too long for one frame (authentication and fragmentation layer, EN 13757-7).
///
/// Fragments are numbered from 1. They are concatenated as received, so a message is one frame for its decoder, and one dead
/// letter with all its bytes.
package struct WirelessFragments: Sendable {
  /// A message that lacks fragments.
  private struct Message {
    let sender: WirelessAddress
    var frames: [UInt8]
    /// Digests of the fragments, to know copies of them.
    var parts: [Int]
    /// The number of the last one.
    var number: UInt8
    let counter: UInt32?
    var isOld = false
    /// All fragments are there. It is kept without them to know late copies.
    var isWhole = false
  }

  /// Senders at a time, and bytes of a message.
  private static let most = 16
  private static let limit = 4 * 1024

  private var messages: [Message] = []

  package init() {}

  /// Whether fragments wait for others.
  package var isHolding: Bool { messages.contains { !$0.isWhole } }

  /// Takes a fragment. It appends the message to `out` if it is whole now, and before it what will never be whole.
  package mutating func take(_ frame: [UInt8], into out: inout [Framed]) {
    let fragment: [UInt8]
    let sender: WirelessAddress
    let layer: WirelessLayers.Authentication
    let digest: Int
    do throws(DecodeError) {
      let link = try WirelessFrame(frame.span)
      fragment = Array(frame.prefix(link.count))
      let layers = try WirelessLayers(ofFragment: link.stripped(frame.span).span)
      (sender, layer) = (layers.address, layers.authentication ?? WirelessLayers.Authentication())
      digest = try WirelessSender(frame.span).content.hashValue
    } catch { return out.append(.rejected(frame, error)) }
    let index = messages.firstIndex { $0.sender == sender }
    if let index {
      let message = messages[index]
      // Behind a whole message its first fragment may be the next message's, with the same values.
      if message.parts.contains(digest), !message.isWhole || layer.fragment > 1 { return messages[index].isOld = false }
      let fits = layer.counter == nil || message.counter == nil || layer.counter == message.counter
      if fits, !message.isWhole, Int(layer.fragment) == Int(message.number) + 1,
        message.frames.count + fragment.count <= Self.limit
      {
        messages[index].frames += fragment
        messages[index].parts.append(digest)
        messages[index].number += 1
        messages[index].isOld = false
        if !layer.hasMoreFragments {
          out.append(.frame(messages[index].frames))
          messages[index].frames = []
          messages[index].isWhole = true
        }
        return
      }
      drop(index, found: Int(layer.fragment), into: &out)
    }
    guard layer.fragment == 1, layer.hasMoreFragments else {
      let error = DecodeError(.segmentMissing, at: fragment.count, expected: 1, found: Int(layer.fragment))
      return out.append(.rejected(fragment, error))
    }
    if messages.count >= Self.most { drop(0, found: -1, into: &out) }
    messages.append(
      Message(sender: sender, frames: fragment, parts: [digest], number: 1, counter: layer.counter))
  }

  /// Some time has passed: appends the messages to `out` that got no fragment since the last call.
  package mutating func age(into out: inout [Framed]) {
    for index in messages.indices.reversed() {
      if messages[index].isOld { drop(index, found: -1, into: &out) } else { messages[index].isOld = true }
    }
  }

  /// No more fragments come.
  package mutating func finish(into out: inout [Framed]) {
    while !messages.isEmpty { drop(0, found: -1, into: &out) }
  }

  private mutating func drop(_ index: Int, found: Int, into out: inout [Framed]) {
    let message = messages.remove(at: index)
    guard !message.isWhole else { return }
    let expected = Int(message.number) + 1
    out.append(
      .rejected(
        message.frames, DecodeError(.segmentMissing, at: message.frames.count, expected: expected, found: found)))
  }

  /// The whole message of a first fragment without check values and of the frames behind it, as if it had come in one frame.
  /// Nil if the frame is not a first fragment.
  static func joined(_ first: [UInt8], _ others: Span<UInt8>) throws(DecodeError) -> [UInt8]? {
    guard let head = try? WirelessLayers(ofFragment: first.span), let layer = head.authentication,
      layer.fragment == 1, layer.hasMoreFragments, let place = head.authenticationStart
    else { return nil }
    var payload = Array(first[head.start...])
    var (code, length) = (Array(first[layer.code]), Array(first[layer.messageLength]))
    var number = 1
    var position = 0
    var hasMore = true
    while hasMore {
      let rest = others.extracting(position..<others.count)
      let link = try WirelessFrame(rest)
      let bytes = link.stripped(rest)
      let layers = try WirelessLayers(ofFragment: bytes.span)
      guard let next = layers.authentication, Int(next.fragment) == number + 1 else {
        throw DecodeError(.segmentMissing, at: first.count + position, expected: number + 1)
      }
      payload += bytes[layers.start...]
      if !next.code.isEmpty { code = Array(bytes[next.code]) }
      if !next.messageLength.isEmpty { length = Array(bytes[next.messageLength]) }
      number += 1
      position += link.count
      hasMore = next.hasMoreFragments
    }
    // One layer with the fields of all.
    let high =
      (first[place + 3] & 0x2A) | (code.isEmpty ? 0 : 0x04) | (length.isEmpty ? 0 : 0x10)
    let counter =
      (layer.counter.map { counter in (0..<4).map { UInt8(truncatingIfNeeded: counter >> (8 * $0)) } }) ?? []
    let control = high & 0x20 != 0 ? [layer.control] : []
    let fields = control + first[layer.keyInformation] + counter + code + length
    return first[..<place] + [0x90, UInt8(truncatingIfNeeded: fields.count + 2), 0, high] + fields + payload
  }
}

extension WirelessLayers {
  /// The layers of a fragment up to its part of the message.
  fileprivate init(ofFragment bytes: Span<UInt8>) throws(DecodeError) {
    self.init(bytes)
    while authentication == nil, !isAtCheckValue || session?.isEncrypted == false {
      if isAtCheckValue { stepOverCheckValue() }
      guard try readNext(bytes) else { return }
    }
  }
}
