package import Base
package import Meters
package import Publishing

/// The newest values of all meters: the one source of every document that the program shows.
///
/// It is a value on the meter loop's thread. Outputs of pipelines go in where they are published; documents are made from
/// it when they are asked for.
package struct MeterStore: Sendable {
  /// In the order of the configuration, sub-meters behind their meter.
  package private(set) var meters: [StoredMeter] = []
  package var bridge: BridgeState

  package init(bridge: BridgeState) { self.bridge = bridge }

  /// A meter or sub-meter by its id.
  package subscript(id: String) -> StoredMeter? { meters.first { $0.id == id } }

  /// Adds a meter, for tests of documents.
  package mutating func add(_ meter: StoredMeter) { meters.append(meter) }
}
