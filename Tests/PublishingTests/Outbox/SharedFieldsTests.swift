import Decoders
import Testing

@testable import Base
@testable import Meters
@testable import Publishing

@Suite struct SharedFieldsTests {
  private func field(_ level: String) -> FieldDescription {
    FieldDescription(level: level, key: FieldKey(.power), unit: .watt, isNumber: true)
  }

  @Test("equal fields of many meters are one in memory, and others are not")
  func sharing() {
    var shared = SharedFields()
    let first = shared(field("power"))
    #expect(shared(field("power")) === first)
    #expect(shared(field("power_l1")) !== first)
  }

  @Test("codes without end do not fill the memory, and nobody loses a field by it")
  func codesWithoutEnd() {
    var shared = SharedFields()
    let first = shared(field("power"))
    for number in 0..<Limits.sharedFields { _ = shared(field("code_\(number)")) }
    #expect(shared(field("power")) !== first)
    #expect(shared(field("power")) == first)
  }

  @Test("a topic takes 112 bytes, because a meter has dozens")
  func room() { #expect(MemoryLayout<ValueTopic>.stride <= 112) }
}
