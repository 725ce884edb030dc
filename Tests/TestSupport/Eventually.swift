package import Base
import Glibc
import Platform

/// Waits for something that another thread or program does, at most a minute.
package func eventually(every interval: Milliseconds = 10, _ condition: () -> Bool) -> Bool {
  let end = Clock.now() + .minutes(1)
  while !condition() {
    guard Clock.now() < end else { return false }
    usleep(UInt32(interval.count) * 1_000)
  }
  return true
}
