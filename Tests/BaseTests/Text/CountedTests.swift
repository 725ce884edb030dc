import Testing

@testable import Base

@Test("one thing is not several")
func countedThings() {
  #expect([0, 1, 2].map { counted($0, "meter") } == ["0 meters", "1 meter", "2 meters"])
}
