import Testing

@testable import Base
@testable import Meters

@Test("a filter takes the topics of its levels and tells what stands at `+`") func filterMatches() throws {
  let filter = try TopicFilter("raw/+/p1")
  #expect(filter.match("raw/grid/p1") == ["grid"] && filter.hasWildcard)
  #expect(filter.match("raw//p1") == [""])
  for other in ["raw/grid", "raw/grid/p1/x", "raw/a/b/p1", "/raw/grid/p1"] { #expect(filter.match(other) == nil) }
  let shared = try TopicFilter("$share/workers/raw/+")
  #expect(shared.text == "$share/workers/raw/+" && shared.match("raw/heat") == ["heat"] && shared.isShared)
  #expect(try TopicFilter("/a").match("/a") == [])
}

@Test("filters overlap where a topic fits both") func filterOverlaps() throws {
  let cases = [
    ("a/b", "a/b", true), ("a/+", "a/b", true), ("a/+", "+/b", true), ("a/+", "b/+", false), ("a/+", "a/b/c", false),
    ("$share/g/a/b", "a/+", true),
  ]
  for (one, other, isSame) in cases {
    #expect(try TopicFilter(one).overlaps(TopicFilter(other)) == isSame, "\(one) \(other)")
    #expect(try TopicFilter(other).overlaps(TopicFilter(one)) == isSame, "\(other) \(one)")
  }
}

@Test(
  "a filter that cannot be, or takes too much, is refused",
  arguments: [
    "", "/", "#", "a/#", "a+/b", "+a", "$SYS/x", "$share/g", "$share//a", "$share/+/a", "$share/g/", "$share/g/$SYS/a",
    "a\n",
    String(repeating: "a", count: 257),
  ])
func wrongFilter(text: String) { #expect(throws: InvalidValue.self) { try TopicFilter(text) } }
