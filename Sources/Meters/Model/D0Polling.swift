/// How a D0 meter is read, as configured.
package struct D0Polling: Equatable, Sendable {
  /// The mode of IEC 62056-21; `push` is mode D.
  package enum Mode: String, CaseIterable, Sendable { case auto, push, a, b, c }

  /// What wakes a meter with a battery: NULs and a pause, or the form of Landis+Gyr's Ultraheat.
  package enum Wake: String, CaseIterable, Sendable { case none, nulls, uh50 }

  package var mode = Mode.auto
  package var wake = Wake.none
  /// The address in the request; empty for whoever is there.
  package var address = ""
  /// The highest speed that is asked for, in bits a second.
  package var maximumBaud = 19_200

  package init() {}
}
