internal import Base

/// The times of a dialogue with a D0 meter (IEC 62056-21, 6.5 and annex B).
enum D0Timing {
  /// How long a meter may take until the first character of its answer. The standard has 1.5 s.
  static let answer = Milliseconds.seconds(3)
  /// The same behind a gateway, which adds its own time.
  static let answerOverNetwork = Milliseconds.seconds(5)
  /// How long an identification may take, while something comes.
  static let longestIdentification = Milliseconds.seconds(20)
  /// The silence that ends a message.
  static func gap(overNetwork: Bool) -> Milliseconds { overNetwork ? .seconds(5) : 1500 }
  /// From an identification to the choice of the speed: the meter's own reaction time.
  static func reaction(isFast: Bool) -> Milliseconds { isFast ? 20 : 200 }
  /// From the end of the choice to the change of the speed; the meter answers after its reaction time at the earliest.
  static func change(isFast: Bool) -> Milliseconds { isFast ? 20 : 150 }
  /// The silence behind a damaged block before it is asked for again.
  static let beforeRepeat = Milliseconds(300)
  /// The silence behind a readout before the next request.
  static let rest = Milliseconds(1500)
  /// How long a meter may wait for more within a session that has broken off. The standard has 60 to 120 s.
  static let forgetting = Milliseconds.minutes(1)
  /// How long a line may take to change its speed.
  static let tuning = Milliseconds.seconds(10)
  /// How long is listened for a meter that pushes.
  static let listening = Milliseconds.seconds(3)
  /// The same while something comes.
  static let longestListening = Milliseconds.seconds(30)
  /// The pause behind the NULs that wake a meter.
  static let waking = Milliseconds(1600)
  /// NULs that wake a meter: 2.2 s at 300 Bd; and those of Landis+Gyr's Ultraheat, right before the request.
  static let nulls = 66
  static let nullsOfUltraheat = 40

  /// How long bytes take on the line: a start bit, eight bits with parity, a stop bit.
  static func transmission(_ count: Int, baud: Int) -> Milliseconds {
    Milliseconds(Int64((count * 10_000 + baud - 1) / max(baud, 1)))
  }
}
