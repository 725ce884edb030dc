/// A tool that this program replaces, by the name that its path under `/compat` has.
///
/// Each document has the names, units, order and texts of that tool, so that its users change an address and nothing else.
/// What that tool got wrong in a way that hurts (values of yesterday, zeros for what is unknown) is right here; docs/HTTP.md
/// lists it.
package enum CompatSeed: String, CaseIterable, Sendable {
  case prometheusMBusExporter = "prometheus-mbus-exporter"
  case kamstrup
  case smartmeterExporter = "smartmeter-exporter"
  case powerReadout = "power-readout"
  case mbusPico = "mbuspico"
}

/// What the path of a seed answers.
package enum CompatAnswer: Equatable, Sendable {
  case document([UInt8], contentType: String)
  /// The meter has not sent anything yet.
  case nothingYet
  /// The last values are too old to be shown. The text says why.
  case unavailable(String)
  /// The meter can never fill this document. The text says why.
  case unsuitable(String)
}

extension CompatSeed {
  /// The document of a meter as the seed showed it.
  package func answer(for meter: StoredMeter) -> CompatAnswer {
    switch self {
    case .prometheusMBusExporter: .prometheus(PRO380Exporter(meter).text)
    case .kamstrup: .prometheus(KamstrupExporter(meter).text)
    case .smartmeterExporter: .prometheus(SmartmeterExporter(meter).text)
    case .powerReadout: PowerReadout.answer(for: meter)
    case .mbusPico: MBusPicoDocument.answer(for: meter)
    }
  }
}

extension CompatAnswer {
  fileprivate static func prometheus(_ text: ClientText) -> CompatAnswer {
    .document(text.bytes, contentType: "text/plain; version=0.0.4; charset=utf-8")
  }
}
