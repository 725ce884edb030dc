import Foundation
import Testing

@testable import Decoders

/// A telegram and what must become of it: one file of `Tests/Samples/mbus`. `docs/ADDING-A-METER.md` says how it is
/// written.
struct MBusSample: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  /// The other lines, in their order.
  var expected: [String]

  var testDescription: String { name }

  /// Every sample of the repository.
  static let all: [MBusSample] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Samples/mbus").standardized
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "sample" }.compactMap(MBusSample.init).sorted { $0.name < $1.name }
  }()

  /// The telegrams of the corpus beside the repository, where it is there.
  static let corpus: [MBusSample] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let folder = root.appending(path: "../shared/corpus/mbus").standardized
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "hex" }.compactMap { file in
      guard let text = try? Data(contentsOf: file), let bytes = Hexadecimal.bytes(text) else { return nil }
      return MBusSample(name: file.lastPathComponent, bytes: bytes, expected: [])
    }
  }()

  private init(name: String, bytes: [UInt8], expected: [String]) {
    self.name = name
    self.bytes = bytes
    self.expected = expected
  }

  private init?(_ file: URL) {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    self.init(name: file.deletingPathExtension().lastPathComponent, bytes: [], expected: [])
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("telegram:") {
        bytes += Hexadecimal.bytes(line.dropFirst("telegram:".count).utf8) ?? []
      } else {
        expected.append(String(line))
      }
    }
  }
}

/// A telegram as the lines of a sample.
func lines(_ telegram: Telegram) -> [String] {
  guard let reading = telegram.readings.first else { return [] }
  var lines: [String] = []
  if let model = reading.modelName { lines.append("model: \(model)") }
  if let number = reading.meterNumber { lines.append("number: \(number)") }
  lines.append("medium: \(reading.meter.medium.name)")
  if let time = reading.time { lines.append("time: \(time)" + (time.isSummer ? " summer" : "")) }
  for field in reading.fields {
    let unit = field.unit == .none ? "" : " \(field.unit.symbol)"
    let value =
      switch field.value {
      case .number(let number): "\(number)\(unit)"
      case .time(let time): "\(time)"
      case .text(let range): reading.string(range)
      case .absent(let reason): "absent \(reason.name)"
      }
    lines.append("\(reading.topicLevel(field)): \(value)")
  }
  return lines + telegram.issues.map { "issue: \($0.code.name)" }
}

/// The telegram of a frame, or why there is none.
func decoded(_ frame: [UInt8], profile: Profile? = nil) -> Result<Telegram, DecodeError> {
  var decoder = MBusDecoder(profile: profile)
  var telegrams: [Telegram] = []
  do throws(DecodeError) {
    try decoder.decode(frame.span, into: &telegrams)
    try decoder.finish(into: &telegrams)
  } catch {
    return .failure(error)
  }
  return telegrams.count == 1 ? .success(telegrams[0]) : .failure(DecodeError(.noise, at: 0, found: telegrams.count))
}

/// The frame with the checksum that its bytes want.
func resealed(_ frame: [UInt8]) -> [UInt8] {
  var frame = frame
  frame[frame.count - 2] = frame[4..<frame.count - 2].reduce(0, &+)
  return frame
}
