internal import Base
internal import Decoders
internal import Meters

extension DecodeResult {
  /// A few lines for people.
  var table: String {
    switch self {
    case .rejected(let meterProtocol, let bytes, let error):
      let name = meterProtocol.map { "\($0.name): " } ?? ""
      return "\(name)not decoded: \(error) (\(error.code.name), byte \(error.offset))\n  \(Hexadecimal.text(bytes))\n"
    case .telegram(_, let telegram):
      var lines: [String] = []
      for reading in telegram.readings { lines += Self.lines(of: reading) }
      for issue in telegram.issues { lines.append("  ! byte \(issue.offset): \(issue) (\(issue.code.name))") }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  private static func lines(of reading: Reading) -> [String] {
    let maker = reading.manufacturerName
    let who = [reading.meter.medium.name, maker, reading.modelName, reading.meterNumber].compactMap(\.self)
    let time = reading.time.map { ", \($0)" } ?? ""
    let width = reading.fields.map { reading.topicLevel($0).count }.max() ?? 0
    return [who.joined(separator: " ") + time]
      + reading.fields.map { field in
        let name = reading.topicLevel(field).padded(to: width)
        let value =
          switch field.value {
          case .number(let number): "\(number) \(reading.unitSymbol(field))"
          case .time(let time): "\(time)"
          case .text(let range): reading.string(range)
          case .absent(let reason): "no value (\(reason.name))"
          }
        return "  \(name)  \(value)"
      }
  }
}
