import Foundation
import Testing
import TestSupport

@testable import Documents

/// Telegraf's keys of an `inputs.mqtt_consumer` (plugins/inputs/mqtt_consumer/sample.conf of influxdata/telegraf, and its
/// parser "value"), and those of `topic_parsing`.
private let keys: [String: Set<String>] = [
  "mqtt_consumer": [
    "servers", "topics", "topic_tag", "qos", "connection_timeout", "max_undelivered_messages", "persistent_session",
    "client_id", "username", "password", "tls_ca", "tls_cert", "tls_key", "insecure_skip_verify", "client_trace",
    "data_format", "data_type", "topic_parsing",
  ],
  "topic_parsing": ["topic", "measurement", "tags", "fields", "types"],
]

@Test("Telegraf's file is TOML, with keys that Telegraf knows")
func telegrafFile() throws {
  let reader = Process()
  reader.executableURL = URL(filePath: "/usr/bin/python3")
  reader.arguments = ["-c", "import json, sys, tomllib; json.dump(tomllib.load(sys.stdin.buffer), sys.stdout)"]
  let (input, output) = (Pipe(), Pipe())
  reader.standardInput = input
  reader.standardOutput = output
  try reader.run()
  try input.fileHandleForWriting.write(contentsOf: Data(Snippet(for: .telegraf, of: .sample).text.utf8))
  try input.fileHandleForWriting.close()
  let json = try #require(try output.fileHandleForReading.readToEnd())
  let document = try #require(try JSONSerialization.jsonObject(with: json) as? [String: [String: [[String: Any]]]])
  let consumer = try #require(document["inputs"]?["mqtt_consumer"]?.first)
  #expect(Set(document.keys) == ["inputs"] && Set(consumer.keys).isSubset(of: keys["mqtt_consumer"] ?? []))
  #expect((consumer["topics"] as? [String])?.contains("meterbridge/grid/power") == true)
  let parsing = try #require((consumer["topic_parsing"] as? [[String: Any]])?.first)
  #expect(Set(parsing.keys).isSubset(of: keys["topic_parsing"] ?? []))
}
