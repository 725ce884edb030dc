import Foundation
import Testing

@testable import Decoders

/// `docs/SUPPORTED-METERS.md`, from the families, the layouts and the samples. What is in neither is not on the page.
private func document() -> String {
  """
  # Supported meters

  This page is made from the tables of the program and from the telegrams that test it; `make docs` writes it anew.

  A meter that is not here works too, if it speaks one of these protocols: what its telegrams say by the standard is named by
  its meaning. A meter is listed where its telegrams need rules of their own, or where a telegram of it tests the program.
  [ADDING-A-METER.md](ADDING-A-METER.md) tells how to add one. `meterbridge decode FILE` shows what becomes of a telegram.

  Behind a name stands in how many forms it comes: *phases* (`_l1`), *tariffs* (`_t1`), *peaks* (`_max`, `_min`), *past* (`_s1`),
  *inputs* (`_u1`). [TOPICS.md](TOPICS.md#fields) explains the names. The last column has the sample in `Tests/Samples`.

  ## M-Bus

  Wiring, addresses and errors: [MBUS.md](MBUS.md). The family is found from the telegram; `profile:` names it for a meter whose
  header is changed.

  | maker | model | medium | `profile` | what it shows | tested with |
  |---|---|---|---|---|---|
  \(families().joined(separator: "\n"))

  All other M-Bus meters are read by the standard (EN 13757-3). These telegrams test it:

  \(others(of: .mbus) { $0.profile == nil })

  ## Wireless M-Bus

  Receivers and keys: [WIRELESS.md](WIRELESS.md). A meter that sends records by the standard needs nothing, and the families above
  are found in its telegrams too. These are read although their makers send bytes of their own. Each is found by what its
  address and CI field say; what is not here is `maker_frame`.

  | maker | version | type | CI | medium |
  |---|---|---|---|---|
  \(makerLayouts().joined(separator: "\n"))

  These telegrams test both:

  \(others(of: .wmbus) { $0.profile == nil })

  ## DLMS customer interfaces

  Adapters and keys: [DLMS.md](DLMS.md). A telegram that names what it holds needs no layout. Lists without codes are known by
  these layouts:

  | maker | layout | what it shows | tested with |
  |---|---|---|---|
  \(layouts().joined(separator: "\n"))

  Telegrams with codes, and what is around them, are tested with these:

  \(others(of: .dlms) { $0.layout == nil })

  \(otherProtocols())

  """
}

/// The protocols whose telegrams have a code for each register.
private func otherProtocols() -> String {
  """
  ## P1

  \(others(of: .p1) { _ in true })

  ## SML

  Heads and PIN: [OPTICAL.md](OPTICAL.md). Every register has its code, so other meters are read too.

  \(others(of: .sml) { _ in true })

  ## D0 (IEC 62056-21)

  Heads, speeds and waking: [OPTICAL.md](OPTICAL.md#d0-meters). Every register has its code, so other meters are read too.

  \(others(of: .d0) { _ in true })

  ## ECHONET Lite (B-route)

  Dongles and application: [BROUTE.md](BROUTE.md).

  \(others(of: .echonet) { _ in true })
  """
}

/// The makers of the families, by the letters in their telegrams.
private let makers = [
  "ABB": "ABB", "ACW": "Itron", "DME": "Diehl", "EFE": "Engelmann", "GAV": "Carlo Gavazzi", "HYD": "Diehl",
  "IME": "IME", "INM": "inepro", "KAM": "Kamstrup", "KAW": "Kamstrup", "SBC": "Saia-Burgess, Finder, Eltako",
  "SEC": "Schneider Electric", "SON": "Sontex",
]

private func families() -> [String] {
  Profile.allCases.map { profile in
    let samples = (Sample.all(of: .mbus) + Sample.all(of: .wmbus)).filter { $0.profile == profile }
    let letters = samples.first?.decodedReadings.first?.manufacturerName ?? ""
    return row([
      makers[letters] ?? letters, profile.modelName, media(samples), "`\(profile.name)`", fields(samples),
      names(samples),
    ])
  }.sorted { $0.lowercased() < $1.lowercased() }
}

private func layouts() -> [String] {
  let samples = Sample.all(of: .dlms)
  return DLMSLayout.all.map { layout in
    let name = layout.name.description
    let tested = samples.filter { $0.layout?.name.description == name }
    return row(["`\(layout.maker.name)`", "`\(name)`", fields(tested), names(tested)])
  }
}

private func makerLayouts() -> [String] {
  MakerLayout.all.map { layout in
    let hexadecimal = { (bytes: [UInt8]) in
      bytes.isEmpty ? "any" : bytes.map { Hexadecimal.text([$0]) }.joined(separator: ", ")
    }
    let makers = layout.makers.map { code in [10, 5, 0].map { UInt8(code >> $0 & 31) + 64 } }
    let place: String =
      switch layout.place {
      case .record: "in a record"
      case .body, .frame:
        Set([layout.informations.lowerBound, layout.informations.upperBound]).sorted().map { Hexadecimal.text([$0]) }
          .joined(separator: "–")
      }
    return row([
      makers.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", "), hexadecimal(layout.versions),
      hexadecimal(layout.types), place, layout.medium.name.replacing("_", with: " "),
    ])
  }
}

private func others(of meterProtocol: Sample.MeterProtocol, where isOther: (Sample) -> Bool) -> String {
  let rows = Sample.all(of: meterProtocol).filter(isOther).map { sample in
    row([sample.about, media([sample]), fields([sample]), names([sample])])
  }
  return (["| telegram | medium | what it shows | tested with |", "|---|---|---|---|"] + rows).joined(separator: "\n")
}

private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

private func names(_ samples: [Sample]) -> String { samples.map { "`\($0.name)`" }.joined(separator: " ") }

private func media(_ samples: [Sample]) -> String {
  let media = Set(samples.flatMap(\.decodedReadings).map(\.meter.medium))
  return Medium.allCases.filter(media.contains).map { $0.name.replacing("_", with: " ") }.joined(separator: ", ")
}

/// The names of the vocabulary in the readings, each with the forms it comes in.
private func fields(_ samples: [Sample]) -> String {
  let keys = samples.flatMap(\.decodedReadings).flatMap(\.fields).map(\.key)
  return FieldName.allCases.filter { $0 != .code && $0 != .status }.compactMap { name in
    let forms = keys.filter { $0.name == name }
    guard !forms.isEmpty else { return nil }
    var suffixes: [String] = []
    if forms.contains(where: { $0.phase != .none }) { suffixes.append("phases") }
    if forms.contains(where: { $0.tariff > 0 }) { suffixes.append("tariffs") }
    if forms.contains(where: { $0.function == .maximum || $0.function == .minimum }) { suffixes.append("peaks") }
    if forms.contains(where: { $0.storage > 0 }) { suffixes.append("past") }
    if forms.contains(where: { $0.subunit > 0 }) { suffixes.append("inputs") }
    let told = suffixes.isEmpty ? "" : " (\(suffixes.joined(separator: ", ")))"
    return "`\(name.entry.name)`\(told)"
  }.joined(separator: ", ")
}

extension Sample {
  fileprivate var decodedReadings: [Reading] { decoded(bytes).telegrams.first?.readings ?? [] }
}

/// `make docs` sets the variable; then the file is written instead of compared.
@Test("docs/SUPPORTED-METERS.md is what families, layouts and samples say")
func supportedMetersPage() throws {
  let page = document()
  if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
    try Data(page.utf8).write(to: repository.appending(path: "docs/SUPPORTED-METERS.md"))
  }
  let written = try? text(of: "docs/SUPPORTED-METERS.md")
  #expect(written == page, "docs/SUPPORTED-METERS.md is not what the tables say; `make docs` writes it anew")
}

@Test("every family has a maker and a field on the page") func familiesAreTold() {
  for line in families() { #expect(!line.contains("|  |"), "\(line)") }
}
