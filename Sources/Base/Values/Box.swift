/// One place in memory for a large value that many others hold.
package final class Box<Value: Sendable & Equatable>: Sendable, Equatable {
  package let value: Value

  package init(_ value: Value) { self.value = value }

  package static func == (left: Box, right: Box) -> Bool { left === right || left.value == right.value }
}
