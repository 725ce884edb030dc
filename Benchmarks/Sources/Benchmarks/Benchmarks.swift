import Base
import Decoders
import Documents
import Glibc
import Meters
import MQTT

/// One number, for `run.sh`: telegrams or publishes per second.
///
///     Benchmarks mbus FILE    M-Bus frames of a file of hexadecimal lines, to readings
///     Benchmarks sml FILE     SML files of hexadecimal lines, to readings
///     Benchmarks p1 FILE      a P1 telegram with its checksum, to readings
///     Benchmarks wmbus FILE KEY   wireless telegrams in security mode 5, deciphered, to readings
///     Benchmarks d0 FILE      a readout with its BCC, cut out of the stream, to readings
///     Benchmarks dlms FILE KEY    an enciphered DLMS telegram in hexadecimal, deciphered, to readings
///     Benchmarks gcm FILE KEY     the same telegram, deciphered by libcrypto and nothing else
///     Benchmarks publish PORT COUNT WINDOW
///     Benchmarks metrics METERS FIELDS        pages of `/metrics`
///     Benchmarks metrics-page METERS FIELDS   such a page itself
///     Benchmarks scrape PORT SECONDS          scrapes of a running bridge, in all
@main
enum Benchmarks {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    switch words.first {
    case "mbus" where words.count == 2: decode(frames(words[1]), MBusDecoder())
    case "sml" where words.count == 2: decode(frames(words[1]), SMLDecoder())
    case "wmbus" where words.count == 3:
      var settings = MeterSettings(id: "meter", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
      settings.key = try? MeterKey(words[2])
      decode(frames(words[1]), ProtocolDescription.wmbus.decoder(settings))
    case "p1" where words.count == 2: decode([contents(words[1])], P1Decoder())
    case "d0" where words.count == 2: decodeStream(contents(words[1]), D0Framer(), D0Decoder())
    case "dlms" where words.count == 3: telegrams(words[1], words[2]).decode()
    case "gcm" where words.count == 3: telegrams(words[1], words[2]).decipher()
    case "publish" where words.count == 4:
      let numbers = words.dropFirst().compactMap { Int($0) }
      publish(port: UInt16(numbers[0]), count: numbers[1], window: numbers[2])
    case "metrics" where words.count == 3:
      MetricsBenchmark.render(MetricsBenchmark.store(meters: Int(words[1]) ?? 0, fields: Int(words[2]) ?? 0))
    case "metrics-page" where words.count == 3:
      let store = MetricsBenchmark.store(meters: Int(words[1]) ?? 0, fields: Int(words[2]) ?? 0)
      print(String(decoding: MetricsPage(store, format: .text).whole(), as: UTF8.self), terminator: "")
    case "scrape" where words.count == 3:
      MetricsBenchmark.scrape(port: UInt16(words[1]) ?? 0, seconds: Double(words[2]) ?? 0)
    default: exit(64)
    }
  }

  /// Decodes the frames again and again for three seconds of processor time; every one must give a reading.
  private static func decode(_ frames: [[UInt8]], _ decoder: some MeterDecoder) {
    var decoder = decoder
    var telegrams: [Telegram] = []
    var count = 0
    var fields = 0
    let start = seconds(CLOCK_PROCESS_CPUTIME_ID)
    while seconds(CLOCK_PROCESS_CPUTIME_ID) - start < 3 {
      for _ in 0..<200 {
        for frame in frames {
          telegrams.removeAll(keepingCapacity: true)
          let bytes = frame.span
          do { try decoder.decode(bytes, into: &telegrams) } catch { exit(65) }
          fields += telegrams[0].readings[0].fields.count
          count += 1
        }
      }
    }
    guard count > 0, fields >= count else { exit(65) }
    print(Int(Double(count) / (seconds(CLOCK_PROCESS_CPUTIME_ID) - start)))
  }

  /// Cuts a stream into frames and decodes them, again and again for three seconds of processor time.
  private static func decodeStream(_ bytes: [UInt8], _ framer: some Framer, _ decoder: some MeterDecoder) {
    var framer = framer
    var decoder = decoder
    var telegrams: [Telegram] = []
    var count = 0
    let start = seconds(CLOCK_PROCESS_CPUTIME_ID)
    while seconds(CLOCK_PROCESS_CPUTIME_ID) - start < 3 {
      for _ in 0..<200 {
        framer.append(bytes.span)
        while case .frame(let frame)? = framer.next() {
          telegrams.removeAll(keepingCapacity: true)
          do { try decoder.decode(frame.span, into: &telegrams) } catch { exit(65) }
          count += 1
        }
      }
    }
    guard count > 0 else { exit(65) }
    print(Int(Double(count) / (seconds(CLOCK_PROCESS_CPUTIME_ID) - start)))
  }

  /// Publishes with at most `window` messages in flight, until all are acknowledged.
  private static func publish(port: UInt16, count: Int, window: Int) {
    var session = BrokerSession(
      .init(brokers: [BrokerAddress(host: "127.0.0.1", port: port)], clientID: "bench-swift", version: .five), seed: 1)
    let settings = MosquittoClient.Settings(clientID: "bench-swift")
    guard case .open(let attempt)? = session.handle(.start, at: .past).first,
      let client = try? MosquittoClient(settings, attempt), (try? client.connect(attempt: 1)) != nil
    else { exit(69) }
    var isConnected = false
    var sent = 0
    var acknowledged = 0
    var start = 0.0
    while acknowledged < count {
      client.serve(milliseconds: 100)
      for event in client.takeEvents() {
        switch event {
        case .accepted:
          isConnected = true
          start = seconds(CLOCK_MONOTONIC)
        case .published: acknowledged += 1
        case .closed, .refused: exit(69)
        default: break
        }
      }
      while isConnected, sent < count, sent - acknowledged < window {
        let payload = Array("\(sent).\(sent % 1000)".utf8)
        _ = client.publish("bench/meter/field_\(sent % 50)", payload, qos: 1, retain: true)
        sent += 1
      }
    }
    print(Int(Double(count) / (seconds(CLOCK_MONOTONIC) - start)))
    client.disconnect()
  }

  private static func telegrams(_ path: String, _ key: String) -> EncipheredTelegrams {
    let text = String(decoding: contents(path), as: UTF8.self).split(separator: "\n").joined()
    guard let key = Hexadecimal.bytes(key.utf8), let sample = Hexadecimal.bytes(text.utf8),
      let telegrams = EncipheredTelegrams(sample, key)
    else { exit(65) }
    return telegrams
  }

  private static func frames(_ path: String) -> [[UInt8]] {
    String(decoding: contents(path), as: UTF8.self).split(separator: "\n").compactMap { Hexadecimal.bytes($0.utf8) }
  }

  private static func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { exit(66) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return bytes
  }

  static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
