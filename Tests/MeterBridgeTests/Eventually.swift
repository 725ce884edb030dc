import Glibc

@testable import MeterBridge

/// Waits for something that another thread does, at most thirty seconds.
func eventually(_ condition: () -> Bool) -> Bool {
  let end = Clock.now() + .seconds(30)
  while !condition() {
    guard Clock.now() < end else { return false }
    usleep(1_000)
  }
  return true
}
