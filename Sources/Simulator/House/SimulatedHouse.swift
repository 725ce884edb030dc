internal import Base
internal import Decoders
internal import Meters

/// The lines of a command line, and the configuration of their meters.
package struct SimulatedHouse: Sendable {
  /// The meters at one place.
  package struct Line: Sendable {
    package var place: SimulatorPlace
    package var simulation: any LineSimulation
    /// A line of the configuration's `meters` for each meter.
    package var configuration: [String]
    /// The id of its first meter, by which orders name the line.
    package var name: String
    /// Whether a gateway hands each telegram over in one piece.
    package var isPacked = false
  }

  package private(set) var lines: [Line] = []

  package init(_ options: SimulatorOptions) {
    var places: [SimulatorPlace] = []
    var meters: [SimulatorPlace: [Member]] = [:]
    var counts: [SimulatedKind: Int] = [:]
    for specification in options.meters {
      let (kind, place) = (specification.kind, specification.place)
      let ordinal = counts[kind, default: 0]
      counts[kind] = ordinal + 1
      let stem = String(kind.rawValue.map { $0 == "-" ? "_" : $0 })
      let id = ordinal == 0 ? stem : "\(stem)_\(ordinal + 1)"
      if meters[place] == nil { places.append(place) }
      let meter = kind.meter(
        specification.bRoute, bus: specification.bus, radio: specification.radio, ordinal: ordinal,
        speed: options.speed, seed: options.seed)
      meters[place, default: []].append((id, meter, specification))
    }
    lines = places.map { place in
      var line = Self.line(at: place, meters[place] ?? [], seed: options.seed)
      line.isPacked = place.isTCP && !line.simulation.isShared && meters[place]?.first?.specification.farm != nil
      return line
    }
  }

  private typealias Member = (id: String, meter: SimulatedMeter, specification: SimulatorOptions.Meter)

  private static func line(at place: SimulatorPlace, _ meters: [Member], seed: UInt64) -> Line {
    var slaves: [MBusSlave] = []
    var configuration: [String] = []
    for (id, meter, specification) in meters {
      switch meter {
      case .p1(let meter):
        let settings = meter.dialect == .netherlands2 && !place.isTCP ? ", line: 9600 7E1" : ""
        let serial = meter.serial.map { "serial \($0)" } ?? "no serial"
        let keys = Self.keys(meter.cipher)
        let phase = specification.phase(in: meter.dialect.interval)
        configuration = ["  - {id: \(id), protocol: p1, source: \(place.source)\(settings)\(keys)}  # \(serial)"]
        return Line(
          place: place, simulation: P1Simulation(meter, phase: phase), configuration: configuration, name: id)
      case .dlms(let meter):
        let keys = Self.keys(meter.cipher)
        configuration = ["  - {id: \(id), protocol: dlms, source: \(place.source)\(keys)}  # serial \(meter.serial)"]
        let phase = specification.phase(in: DLMSSimulation.interval)
        return Line(
          place: place, simulation: DLMSSimulation(meter, phase: phase), configuration: configuration, name: id)
      case .sml(let meter):
        configuration = ["  - {id: \(id), protocol: sml, source: \(place.source)}  # serial \(meter.serial)"]
        return Line(place: place, simulation: SMLSimulation(meter), configuration: configuration, name: id)
      case .bRoute(let meter):
        let credentials =
          "route_b_id: '\(meter.credentials.identifier.reveal)', password: '\(meter.credentials.password.reveal)'"
        configuration = [
          "  - {id: \(id), protocol: echonet, source: \(place.source), \(credentials)}  # serial \(meter.meter.serial)"
        ]
        return Line(place: place, simulation: meter, configuration: configuration, name: id)
      case .d0(let meter):
        let wake = meter.kind == .heat ? ", wake: nulls" : ""
        configuration = ["  - {id: \(id), protocol: d0, source: \(place.source)\(wake)}  # serial \(meter.serial)"]
        return Line(place: place, simulation: D0Simulation(meter), configuration: configuration, name: id)
      case .radio(let radio):
        return Line(
          place: place, simulation: radio, configuration: Self.configuration(of: radio, id, at: place), name: id)
      case .mbus(let meter):
        let settings = specification.slave
        let address = settings.address ?? UInt8(truncatingIfNeeded: slaves.count + 1)
        let slave = MBusSlave(address: address, meter, settings)
        slaves.append(slave)
        configuration.append(
          "  - {id: \(id), protocol: mbus, source: \(place.source), address: \(slave.address)}"
            + "  # serial \(meter.identity.serial)")
      case .bus(let crowd):
        slaves += crowd
        configuration += Self.configuration(of: crowd, id, at: place)
      }
    }
    let crowd = meters.first { $0.specification.kind == .bus }?.specification.bus
    var simulation = BusSimulation(slaves, baud: crowd?.baud ?? 2400, seed: seed)
    simulation.disturbance = crowd?.disturbance ?? BusDisturbance()
    simulation.showsCounts = crowd != nil
    return Line(place: place, simulation: simulation, configuration: configuration, name: meters.first?.id ?? "")
  }
}

extension SimulatedHouse {
  /// By secondary address. Meters that only a fabrication number tells apart have none of their own.
  private static func configuration(of crowd: [MBusSlave], _ id: String, at place: SimulatorPlace) -> [String] {
    var taken: Set<String> = []
    return crowd.enumerated().compactMap { index, slave in
      let address = slave.meter.identity.address
      guard taken.insert(address).inserted else { return nil }
      return "  - {id: \(id)_\(index + 1), protocol: mbus, source: \(place.source), address: \"\(address)\"}"
        + "  # primary address \(slave.address)"
    }
  }

  /// By their numbers. Strangers are not in it.
  private static func configuration(of radio: RadioSimulation, _ id: String, at place: SimulatorPlace) -> [String] {
    radio.meters.prefix(radio.settings.meters).enumerated().map { index, meter in
      let key = meter.key.map { ", key: '\(Hexadecimal.text($0.reveal))'" } ?? ""
      return "  - {id: \(id)_\(index + 1), protocol: wmbus, source: \(place.source), "
        + "address: '\(meter.identity.serial)'\(key)}  # \(meter.model.summary)"
    }
  }

  /// The keys of a meter in the notation of the configuration.
  private static func keys(_ cipher: SimulatedCipher?) -> String {
    guard let cipher else { return "" }
    let key = ", key: '\(Hexadecimal.text(cipher.key.reveal))'"
    return key + (cipher.authenticationKey.map { ", auth_key: '\(Hexadecimal.text($0.reveal))'" } ?? "")
  }
}

extension SimulatorOptions.Meter {
  /// Its share of the interval between two telegrams, so that those of a farm are spread over it.
  fileprivate func phase(in interval: Milliseconds) -> Milliseconds {
    guard let farm else { return 0 }
    return Milliseconds(interval.count * Int64(farm.number) / Int64(farm.count))
  }
}

extension SimulatorPlace {
  fileprivate var isTCP: Bool { if case .tcp = self { true } else { false } }

  /// In the notation of `source` in the configuration; quoted where YAML needs it.
  fileprivate var source: String {
    switch self {
    case .tcp(let port): return "tcp://127.0.0.1:\(port)"
    case .path(let path):
      let isPlain = path.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "/._-".utf8.contains(byte)
      }
      guard !isPlain else { return path }
      var text = JSONText()
      text.value(path)
      return text.text
    }
  }
}
