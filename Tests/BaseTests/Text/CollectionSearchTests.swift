import Testing

@testable import Base

struct CollectionSearchTests {
  @Test("a text is found at its first place, also at the end and where its beginning stands twice")
  func firstRange() throws {
    func place(of needle: String, in text: String) -> String? {
      text.firstRange(of: needle).map { String(text[..<$0.lowerBound]) + "|" + text[$0.upperBound...] }
    }
    #expect(place(of: "://", in: "tcp://a://b") == "tcp|a://b")
    #expect(place(of: "aab", in: "aaab") == "a|")
    #expect(place(of: "b", in: "b") == "|")
    #expect(place(of: "ab", in: "a") == nil)
    #expect(place(of: "a", in: "") == nil)
    #expect(place(of: "", in: "a") == "|a")
    #expect([1, 2, 1, 2, 3].firstRange(of: [1, 2, 3]) == 2..<5)
  }

  @Test("a text contains its pieces and the empty one")
  func contains() {
    #expect("abc".contains("bc") && "abc".contains("") && [1, 2].contains([2]))
    #expect(!"abc".contains("ac") && !"".contains("aa") && ![1].contains([1, 1]))
  }

  @Test("every place is replaced once, from the front, and a replacement is not looked into")
  func replacing() {
    #expect("a_b_".replacing("_", with: "-") == "a-b-")
    #expect("aaa".replacing("aa", with: "a") == "aa")
    #expect("l/h".replacing("l/", with: "l/l/") == "l/l/h")
    #expect("abc".replacing("", with: "x") == "abc")
    #expect([1, 2, 3].replacing([2], with: []) == [1, 3])
  }

  @Test("a text is split at each separator, without empty pieces")
  func split() {
    #expect("CN=a, O=b, ".split(separator: ", ") == ["CN=a", "O=b"])
    #expect("a,b".split(separator: ", ") == ["a,b"])
    #expect("".split(separator: ", ").isEmpty)
    #expect("ab".split(separator: String()) == ["ab"])
  }
}
