internal import Base
package import Decoders

/// What one reading tells about its meter, for people.
package struct HeardMeter: Hashable, Sendable {
  package var medium: Medium
  package var maker: String?
  package var model: String?
  /// The meter's own number.
  package var number: String?
  /// Values that become topics.
  package var values: Int

  package init(medium: Medium, maker: String? = nil, model: String? = nil, number: String? = nil, values: Int) {
    self.medium = medium
    self.maker = maker
    self.model = model
    self.number = number
    self.values = values
  }

  /// The meter that a frame of its protocol is from; nil for a frame without a value that can be read.
  package init?(_ frame: [UInt8], of known: ProtocolDescription) {
    var telegrams = TelegramTrial([known])
    telegrams.append(frame)
    guard let heard = telegrams.look()?.meter else { return nil }
    self = heard
  }

  /// - Parameter reading: in published units, with its derived fields.
  init(_ reading: Reading) {
    self.init(
      medium: reading.meter.medium, maker: reading.manufacturerName, model: reading.modelName,
      number: reading.meterNumber, values: PublishedField.all(of: reading).count)
  }
}

extension HeardMeter: CustomStringConvertible {
  /// `ISK 2M550T-1013, number E0047…, 35 values`.
  package var description: String {
    let names = [maker, model].compactMap(\.self)
    let who = names.isEmpty ? "\(medium.name) meter" : names.joined(separator: " ")
    let told = [who] + (number.map { ["number \($0)"] } ?? []) + [counted(values, "value")]
    return told.joined(separator: ", ")
  }
}
