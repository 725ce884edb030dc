internal import Base
internal import HTTP
internal import Meters

extension Configuration {
  /// Checks that no source listens on a port that a server or another source has.
  static func checkPorts(_ draft: Draft, _ reader: inout SettingReader) {
    var taken = draft.windows.listeners.map { (source: SourceAddress?.none, address: $0.address, at: $0.at) }
    for meter in draft.meters where meter.given.isGood("source") {
      let source = meter.settings.source
      guard case .listen(let text, let takesDatagrams) = source, let address = ListenAddress(text) else { continue }
      let mark = meter.given.value("source")
      let other = taken.first { other in
        let isOfKind = other.source.map { $0 != source && $0.takesConnections != takesDatagrams } ?? !takesDatagrams
        return isOfKind && other.address.collides(with: address)
      }
      if let other {
        let line = reader.line(of: other.at, from: mark)
        reader.add("that port is taken by \(other.address) in \(line); choose another one", at: mark)
      }
      taken.append((source, address, mark))
    }
  }
}
