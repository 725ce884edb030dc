import Foundation
import Testing
import TestSupport

/// Prints what Grafana's own library for dashboards (grafana-foundation-sdk of PyPI) does not know of a dashboard: what is
/// not there when it has read it and written it again.
private let unknown = #"""
  import json, sys
  from grafana_foundation_sdk.cog import encoder, plugins
  from grafana_foundation_sdk.models.dashboard import Dashboard
  plugins.register_default_plugins()

  def compare(read, written, path):
      if isinstance(read, dict) and isinstance(written, dict):
          for key, value in read.items():
              compare(value, written.get(key), f"{path}/{key}")
      elif isinstance(read, list) and isinstance(written, list) and len(read) == len(written):
          for number, value in enumerate(read):
              compare(value, written[number], f"{path}/{number}")
      elif read != written:
          print(path)

  board = json.load(open(sys.argv[1]))
  compare(board, json.loads(encoder.JSONEncoder().encode(Dashboard.from_json(board))), "")
  """#

private func unknownParts(of board: Data) throws -> Set<String> {
  let folder = try TemporaryFolder()
  try board.write(to: URL(filePath: folder.path("board.json")))
  try folder.write(unknown, to: "unknown.py")
  let python = repository.appending(path: ".build/peers/bin/python").path
  let said = try ShellCommand(#""$0" "$1/unknown.py" "$1/board.json""#, python, folder.path)
  #expect(said.status == 0, "\(said.output)")
  return Set(said.output.split(separator: "\n").map(String.init))
}

@Test("Grafana knows every part of the dashboard in deploy")
func dashboard() throws {
  let board = try Data(contentsOf: repository.appending(path: "deploy/grafana/meterbridge.json"))
  // These two are for the import and for the editor of Grafana, and no part of its dashboards.
  let beside: Set = ["/__inputs", "/templating/list/0/definition"]
  #expect(try unknownParts(of: board) == beside)
  let wrong = String(decoding: board, as: UTF8.self).replacing("\"gridPos\"", with: "\"gridpos\"")
  #expect(try unknownParts(of: Data(wrong.utf8)).contains("/panels/0/gridpos"))
}
