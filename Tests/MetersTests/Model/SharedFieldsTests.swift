import Decoders
import Testing

@testable import Base
@testable import Meters

@Suite struct SharedFieldsTests {
  private func field(_ level: String) -> FieldDescription {
    FieldDescription(level: level, key: FieldKey(.power), unit: .watt, isNumber: true)
  }

  /// Where the list is in memory.
  private func place(_ fields: [FieldDescription]) -> UInt {
    unsafe fields.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }

  @Test("equal lists of many meters are one in memory, and others are not")
  func sharing() {
    var shared = SharedFields()
    let first = shared([field("power"), field("power_l1")])
    #expect(place(shared([field("power"), field("power_l1")])) == place(first))
    #expect(place(shared([field("power")])) != place(first))
    #expect(shared([field("power")]) == [field("power")])
    #expect(shared([]) == [])
  }

  @Test("codes without end do not fill the memory, and nobody loses a field by it")
  func codesWithoutEnd() {
    var shared = SharedFields()
    let first = shared([field("power")])
    for number in 0..<Limits.sharedFields { _ = shared([field("code_\(number)")]) }
    let again = shared([field("power")])
    #expect(place(again) != place(first))
    #expect(again == first)
  }
}
