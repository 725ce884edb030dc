package import Base
internal import Decoders

/// What has happened on one M-Bus since the program started, for `bridge/health`.
package struct MBusStatistics: Equatable, Sendable {
  package var meters: Int
  /// Meters whose last readout failed.
  package var missing = 0
  package var condition = MBusCondition.good
  /// Frames that the master sent.
  package var requests = 0
  /// Acknowledgements and telegrams that were expected.
  package var answers = 0
  /// Requests that repeat one that failed.
  package var retries = 0
  /// Copies of good frames in datagrams that came twice. They are dropped.
  package var doubled = 0
  /// Pieces of bytes that are not a frame: damaged, cut, or noise.
  package var lineErrors = 0
  /// The time on the bus for the last readout of each meter; nil before all have been asked.
  package var round: Milliseconds?

  package init(meters: Int) { self.meters = meters }

  mutating func note(_ outputs: [DialogueOutput]) {
    for case .rejected(_, _, let error) in outputs where error.code.isOfLine { lineErrors += 1 }
  }
}

extension DecodeError.Code {
  /// Whether the line has damaged the bytes. The others are of whole frames.
  fileprivate var isOfLine: Bool {
    switch self {
    case .otherMeter, .severalMeters, .lateAnswer, .notAnAnswer, .otherProtocol: false
    default: true
    }
  }
}
