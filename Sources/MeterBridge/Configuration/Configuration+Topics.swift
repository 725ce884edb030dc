internal import Base
internal import Meters

extension Configuration {
  /// Checks the topics of telegrams: none may come back, come twice, or be the program's own.
  ///
  /// `root` is the first level of the program's own topics.
  static func checkTopics(_ meters: [Draft.Meter], below root: String, _ reader: inout SettingReader) {
    let own = (meters.filter { $0.given.isGood("id") }.map(\.settings.id) + ["bridge"]).compactMap {
      try? TopicFilter("\(root)/\($0)/+")
    }
    var sources: [(topic: TopicFilter, at: Mark)] = []
    for meter in meters where meter.given.isGood("source") {
      guard let topic = meter.settings.source.topic else { continue }
      let mark = meter.given.value("source")
      if own.contains(where: topic.overlaps) {
        reader.add("the program publishes on these topics itself: below `\(root)`, the id of a meter", at: mark)
      } else if let other = sources.first(where: { $0.topic != topic && $0.topic.overlaps(topic) }) {
        let line = reader.line(of: other.at, from: mark)
        reader.add("a telegram on these topics would come twice: the source in \(line) has them too", at: mark)
      }
      sources.append((topic, mark))
    }
    for meter in meters where meter.given.isGood("forward") {
      guard let topic = meter.settings.forward else { continue }
      let mark = meter.given.value("forward")
      if own.contains(where: { $0.match(topic) != nil }) {
        reader.add("the program publishes on `\(topic)` itself: below `\(root)`, the id of a meter", at: mark)
      } else if let source = sources.first(where: { $0.topic.match(topic) != nil }) {
        let line = reader.line(of: source.at, from: mark)
        reader.add("the telegrams would come back: the source in \(line) reads `\(topic)`", at: mark)
      }
    }
  }
}
