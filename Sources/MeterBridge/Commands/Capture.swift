internal import Base
internal import Decoders
internal import Meters

/// The frames of a capture, and the file for others that is made of them.
///
/// Frames are redacted at the end, when the numbers of all of them are known. A frame is written only if it decodes as it
/// did before.
struct Capture {
  private let settings: MeterSettings
  private let redactor: any FrameRedactor
  private var frames: [[UInt8]] = []
  /// Pieces that are not whole frames, and their bytes. They cannot be read, so they may hold anything.
  private(set) var rejected = (pieces: 0, bytes: 0)

  /// The file, and what is not in it.
  struct File {
    var text: [UInt8] = []
    var frames = 0
    /// Reasons, and how many frames each has kept out.
    var refused: [String: Int] = [:]
  }

  /// Nil for a protocol whose frames cannot be made anonymous.
  init?(_ settings: MeterSettings) {
    guard let redactor = settings.meterProtocol.redactor?(settings) else { return nil }
    self.settings = settings
    self.redactor = redactor
  }

  mutating func add(_ frame: [UInt8]) { if frames.count < Limits.capturedFrames { frames.append(frame) } }

  mutating func reject(_ bytes: [UInt8]) {
    rejected.pieces += 1
    rejected.bytes += bytes.count
  }

  /// The frames for others.
  func file() -> File {
    var file = File()
    var redactor = redactor
    // A later frame may tell a number that an earlier one has at an unexpected place.
    for frame in frames { _ = try? redactor.redact(frame) }
    var before = TelegramReader(settings)
    var after = TelegramReader(readerSettings)
    for frame in frames {
      do throws(RedactionError) {
        let redacted = try redactor.redact(frame)
        let (old, new) = (before.read(.frame(frame)), after.read(.frame(redacted)))
        guard old.map(\.skeleton) == new.map(\.skeleton) else {
          file.refused["it would not decode as before", default: 0] += 1
          continue
        }
        file.frames += 1
        file.text += line(redacted)
      } catch {
        file.refused["\(error)", default: 0] += 1
      }
    }
    if file.frames > 0 { file.text = Array(header(file).utf8) + file.text }
    return file
  }

  /// P1 is text, as long as it is not enciphered.
  private func line(_ frame: [UInt8]) -> [UInt8] {
    let isText = frame.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x0D }
    if isText, settings.meterProtocol == .p1, settings.key == nil { return frame }
    return Array((Hexadecimal.text(frame) + "\n").utf8)
  }

  private func header(_ file: File) -> String {
    """
    # meterbridge \(Version.text) capture: \(settings.meterProtocol), \(file.frames) of \(frames.count) frames
    # Numbers, texts and keys are replaced; values and times are the meter's.
    # \(decoding)

    """
  }

  /// The command that reads the file.
  var decoding: String {
    var words = ["meterbridge decode", "--protocol \(settings.meterProtocol)"]
    if settings.key != nil { words.append("--key \(MeterSettings.exampleKey)") }
    if let profile = settings.profile { words.append("--set profile=\(profile.name)") }
    if let maker = settings.maker { words.append("--set profile=\(maker.name)") }
    if let title = settings.systemTitle { words.append("--set system_title=\(title.redacted.hexadecimal)") }
    return words.joined(separator: " ") + " FILE"
  }

  /// What `decode` knows of the redacted meter.
  private var readerSettings: MeterSettings {
    var known = settings
    if settings.key != nil { known.key = try? MeterKey(MeterSettings.exampleKey) }
    known.authenticationKey = nil
    known.systemTitle = settings.systemTitle?.redacted
    return known
  }
}

extension DecodeResult {
  /// What must not change: the fields with their numbers and times, or the code of the error.
  fileprivate var skeleton: [String] {
    switch self {
    case .rejected(_, _, let error): return [error.code.name]
    case .telegram(_, let telegram):
      return telegram.readings.flatMap { reading in
        reading.fields.map { field in
          let value =
            switch field.value {
            case .number(let number): "\(number)"
            case .time(let time): "\(time)"
            case .text: "text"
            case .absent(let reason): reason.name
            }
          // The value of a code without a name may be replaced.
          return "\(reading.topicLevel(field)) \(field.key.code == .none ? value : "")"
        }
      }
    }
  }
}
