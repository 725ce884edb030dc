import Glibc

@testable import Base
@testable import Platform

/// Waits for something that another thread does, at most a minute.
func eventually(_ condition: () -> Bool) -> Bool {
  let end = Clock.now() + .minutes(1)
  while !condition() {
    guard Clock.now() < end else { return false }
    usleep(1_000)
  }
  return true
}
