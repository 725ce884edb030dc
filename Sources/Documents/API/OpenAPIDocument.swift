internal import Base
internal import Decoders

/// `GET /api/openapi.json`: the API for programs that make a client of it (OpenAPI 3.1.0).
///
/// The names of values come from the vocabulary. Tests hold every document of the API against its schema.
package enum OpenAPIDocument {
  package static func document() -> [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("openapi", "3.1.0")
      json.object("info") { json in
        json.member("title", "MeterBridge")
        json.member("version", Version.text)
        json.member("description", "The newest values of all meters. Numbers have the register's own digits.")
      }
      json.key("servers")
      json.raw(#"[{"url":"/"}]"#)
      json.key("security")
      json.raw(#"[{},{"password":[]},{"token":[]}]"#)
      json.key("paths")
      json.raw(compact(paths))
      json.object("components") { json in
        json.key("securitySchemes")
        json.raw(#"{"password":{"type":"http","scheme":"basic"},"token":{"type":"http","scheme":"bearer"}}"#)
        json.key("parameters")
        json.raw(#"{"id":{"name":"id","in":"path","required":true,"schema":{"type":"string"}}}"#)
        json.key("responses")
        json.raw(compact(failure))
        json.object("schemas") { json in
          json.object("Values") { $0.values() }
          for (name, schema) in schemas {
            json.key(name)
            json.raw(compact(schema))
          }
        }
      }
    }
    return json.bytes
  }

  /// The lines of a literal without their indentation; no text in them begins or ends with a blank.
  private static func compact(_ text: String) -> String {
    text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined()
  }

  private static let paths = #"""
    {
      "/api/meters":{"get":{"operationId":"listMeters","summary":"All meters with their newest values",
        "responses":{"200":{"description":"In the order of the configuration, sub-meters behind their meter",
          "content":{"application/json":{"schema":{"$ref":"#/components/schemas/MeterList"}}}},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/api/meters/{id}":{"get":{"operationId":"getMeter","summary":"A meter with its newest values",
        "parameters":[{"$ref":"#/components/parameters/id"}],
        "responses":{"200":{"description":"The meter",
          "headers":{"ETag":{"description":"Another one for each reading","schema":{"type":"string"}}},
          "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Meter"}}}},
          "304":{"description":"The reading of If-None-Match is still the newest"},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/api/meters/{id}/telegram":{"get":{"operationId":"getTelegram","summary":"Its last telegram, also a broken one",
        "parameters":[{"$ref":"#/components/parameters/id"}],
        "responses":{"200":{"description":"Bytes and records",
          "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Telegram"}}}},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/api/meters/{id}/hours":{"get":{"operationId":"getHours","summary":"The registers at the end of the last 40 days' hours",
        "parameters":[{"$ref":"#/components/parameters/id"},
          {"name":"format","in":"query","schema":{"enum":["json","csv"]},"description":"Else as Accept says"}],
        "responses":{"200":{"description":"Measured hours only, the oldest first",
          "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Hours"}},
            "text/csv":{"schema":{"type":"string"}}}},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/api/meters/{id}/read":{"post":{"operationId":"readMeter","summary":"Reads a polled meter now",
        "parameters":[{"$ref":"#/components/parameters/id"}],
        "requestBody":{"content":{"application/json":{"schema":{}}}},
        "responses":{"202":{"description":"It is read as soon as its line is free"},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/api/health":{"get":{"operationId":"getHealth","summary":"Counters of the program and of its meters",
        "responses":{"200":{"description":"The document of bridge/health at this moment",
          "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Health"}}}},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/api/dead-letters":{"get":{"operationId":"listDeadLetters",
        "summary":"The newest telegrams and values that could not be used",
        "responses":{"200":{"description":"The newest last",
          "content":{"application/json":{"schema":{"$ref":"#/components/schemas/DeadLetterList"}}}},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/api/events":{"get":{"operationId":"listen","summary":"Everything new, as server-sent events",
        "description":"First the state of all meters. Events: meters {meters: [id]}, reading (a Meter without day), availability {id, availability}, health (Health), dead_letter (DeadLetter without bytes).",
        "responses":{"200":{"description":"An event stream that stays open",
          "content":{"text/event-stream":{"schema":{"type":"string"}}}},
          "default":{"$ref":"#/components/responses/Failure"}}}},
      "/metrics":{"get":{"operationId":"getMetrics","summary":"All numbers for Prometheus",
        "responses":{"200":{"description":"Text format 0.0.4, or OpenMetrics 1.0.0 by Accept",
          "content":{"text/plain":{"schema":{"type":"string"}},
            "application/openmetrics-text":{"schema":{"type":"string"}}}},
          "default":{"$ref":"#/components/responses/Failure"}}}}
    }
    """#

  private static let failure = #"""
    {"Failure":{"description":"A refusal",
    "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Failure"}}}}}
    """#

  private static let schemas = [
    (
      "Hours",
      #"""
      {"type":"object","required":["meter","hours"],"additionalProperties":false,"properties":{"meter":{"type":"string"},
      "hours":{"type":"array","items":{"type":"object","required":["hour","field","value","unit","received","held"],
      "additionalProperties":false,"properties":{"hour":{"type":"string","description":"Its start, in UTC"},"field":{"type":"string"},
      "value":{"type":"number","description":"The last register of the hour"},"unit":{"type":"string"},
      "received":{"type":"string","description":"When it came in"},
      "held":{"type":"boolean","description":"Whether newer values of the hour are held back"},
      "exchanged_at":{"type":"number","description":"The last register of the meter that was exchanged"}}}}}}
      """#
    ),
    (
      "MeterList",
      #"""
      {"type":"object","required":["meters"],"additionalProperties":false,
      "properties":{"meters":{"type":"array","items":{"$ref":"#/components/schemas/Meter"}}}}
      """#
    ),
    (
      "Meter",
      #"""
      {"type":"object","additionalProperties":false,
      "required":["id","protocol","availability","age","interval","number","meter","time","received","fields","values"],
      "properties":{
      "id":{"type":"string","description":"The meter's topic level"},
      "name":{"type":"string","description":"As the configuration has it"},
      "parent":{"type":"string","description":"Of a sub-meter: the meter that it is read with"},
      "protocol":{"type":"string"},
      "availability":{"enum":["online","offline"]},
      "trouble":{"type":"string","description":"The code of what is wrong with it"},
      "age":{"type":["number","null"],"description":"Seconds since its last telegram"},
      "interval":{"type":["number","null"],"description":"Seconds between two telegrams"},
      "number":{"type":"integer","description":"Readings since the start of the program"},
      "main":{"type":"string","description":"The field that shows best what the meter does"},
      "meter":{"type":"object","additionalProperties":false,"required":["id","manufacturer","model","medium"],
        "properties":{"id":{"type":["string","null"],"description":"Its serial number"},
        "manufacturer":{"type":["string","null"]},"model":{"type":["string","null"]},"medium":{"type":"string"}}},
      "time":{"type":["string","null"],"description":"The meter's own time of its last reading"},
      "received":{"type":["string","null"],"description":"When its last telegram came in"},
      "fields":{"type":"array","items":{"$ref":"#/components/schemas/Field"}},
      "values":{"$ref":"#/components/schemas/Values"},
      "held_back":{"type":"array","description":"Values that the guard does not believe yet",
        "items":{"type":"object","additionalProperties":false,"required":["name","value"],
        "properties":{"name":{"type":"string"},"value":{"type":"string"},"last":{"type":"string"}}}},
      "day":{"$ref":"#/components/schemas/Day"}}}
      """#
    ),
    (
      "Field",
      #"""
      {"type":"object","additionalProperties":false,"required":["name","value"],
      "description":"Momentary values are left out while the meter is offline or its value is invalid; registers stay",
      "properties":{"name":{"type":"string"},"value":{"type":["number","string"]},"unit":{"type":"string"},
      "held":{"type":"boolean","description":"A newer value is held back or missing"}}}
      """#
    ),
    (
      "Day",
      #"""
      {"type":"object","additionalProperties":false,"required":["name","seconds","buckets"],
      "description":"The last 24 hours of the main value",
      "properties":{"name":{"type":"string"},"unit":{"type":"string"},
      "seconds":{"type":"integer","description":"The length of a bucket"},
      "buckets":{"type":"array","description":"Minimum and maximum, the oldest first; null without a value",
        "items":{"type":["array","null"],"items":{"type":"number"}}}}}
      """#
    ),
    (
      "Telegram",
      #"""
      {"type":"object","additionalProperties":false,"required":["meter","protocol","received","bytes"],
      "properties":{"meter":{"type":"string"},"protocol":{"type":"string"},"received":{"type":"string"},
      "bytes":{"type":"string","description":"Hexadecimal"},
      "text":{"type":"string","description":"The bytes, if they are text"},
      "error":{"$ref":"#/components/schemas/Trouble"},
      "header":{"type":["object","null"]},
      "records":{"type":["array","null"],"items":{"type":"object"}},
      "issues":{"type":"array","items":{"$ref":"#/components/schemas/Trouble"}}}}
      """#
    ),
    (
      "Trouble",
      #"""
      {"type":"object","additionalProperties":false,"required":["code","message"],
      "properties":{"code":{"type":"string"},"message":{"type":"string"}}}
      """#
    ),
    (
      "Failure",
      #"""
      {"type":"object","additionalProperties":false,"required":["error"],
      "properties":{"error":{"$ref":"#/components/schemas/Trouble"}}}
      """#
    ),
    (
      "Health",
      #"""
      {"type":"object","required":["version","started","broker_name","base_topic"],
      "properties":{"version":{"type":"string"},"started":{"type":"string"},"broker_name":{"type":"string"},
      "base_topic":{"type":"string"},"time":{"type":"string"},"uptime":{"type":"integer"},
      "meters":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Counters"}},
      "buses":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Bus"}},
      "broker":{"type":"object","required":["connected"],"properties":{"connected":{"type":"boolean"}}},
      "outbox":{"type":"integer"},"reconnects":{"type":"integer"},"dead_letters":{"type":"integer"},
      "journal":{"type":"object","properties":{"readings":{"type":"integer"},"bytes":{"type":"integer"},
        "dropped":{"type":"integer"}}}}}
      """#
    ),
    (
      "Bus",
      #"""
      {"type":"object","required":["condition","meters","missing","requests","answers","retries","doubled","line_errors"],
      "properties":{"condition":{"type":"string","enum":["good","silent","disturbed"]},"meters":{"type":"integer"},
      "missing":{"type":"integer"},"requests":{"type":"integer"},"answers":{"type":"integer"},
      "retries":{"type":"integer"},"doubled":{"type":"integer"},"line_errors":{"type":"integer"},"round_ms":{"type":"integer"}}}
      """#
    ),
    (
      "Counters",
      #"""
      {"type":"object","required":["telegrams","errors","last","receiving"],
      "properties":{"telegrams":{"type":"integer"},
      "errors":{"type":"object","additionalProperties":{"type":"integer"}},"doubled":{"type":"integer"},
      "last":{"type":["string","null"]},"receiving":{"type":"boolean"},"trouble":{"type":"string"}}}
      """#
    ),
    (
      "DeadLetterList",
      #"""
      {"type":"object","additionalProperties":false,"required":["count","dead_letters"],
      "properties":{"count":{"type":"integer","description":"All of this run"},
      "dead_letters":{"type":"array","items":{"$ref":"#/components/schemas/DeadLetter"}}}}
      """#
    ),
    (
      "DeadLetter",
      #"""
      {"type":"object","required":["id","time","meter","source","kind","stage","code","message","protocol"],
      "properties":{"id":{"type":"string"},"time":{"type":"string"},"meter":{"type":"string"},
      "source":{"type":"string"},"kind":{"enum":["undecodable","held_back","refused"]},
      "stage":{"enum":["framing","decipher","decode","guard","publish"]},"code":{"type":"string"},
      "message":{"type":"string"},"protocol":{"type":"string"},
      "bytes":{"type":"string","description":"Hexadecimal"},"offset":{"type":"integer"},
      "truncated":{"type":"boolean"},"field":{"type":"string"},"topic":{"type":"string"},
      "value":{"type":"string"},"last":{"type":"string"}}}
      """#
    ),
  ]
}

extension JSONText {
  /// The schema of `values`: the names of the vocabulary that are numbers.
  fileprivate mutating func values() {
    member("type", "object")
    member("description", "Numbers by name. A suffix tells the phase, tariff, function, storage and sub-unit.")
    object("additionalProperties") { $0.member("type", "number") }
    object("properties") { json in
      for name in FieldName.allCases where name != .code && name.entry.unit != .none {
        let entry = name.entry
        json.object(entry.name.description) { json in
          json.member("type", "number")
          json.member("description", "\(entry.label), \(entry.unit.symbol)")
        }
      }
    }
  }
}
