/// Fields that are named after their code.
extension P1Readings {
  /// A record without a name: a number in the published unit of its kind, or a text, under its code.
  ///
  /// Of several groups those with a unit are values. Lists (98, 99) stay records.
  func addCode(
    _ record: P1Record, to fields: inout ReadingFields, issues: inout [DecodeError], asText: Bool = false
  ) {
    if record.groupCount == 1 {
      return addCode(group(record), record.obis, to: &fields, issues: &issues, asText: asText)
    }
    if record.obis.c == 98 || record.obis.c == 99 { return }
    for index in record.groups where !lines.groups[index].unit.isEmpty {
      addCode(lines.groups[index], record.obis, to: &fields, issues: &issues)
    }
  }

  func addCode(
    _ group: P1Group, _ code: Obis, to fields: inout ReadingFields, issues: inout [DecodeError], asText: Bool = false
  ) {
    if group.text.isEmpty { return }
    let key = FieldKey(code: code)
    if asText, group.unit.isEmpty { return fields.addText(text(group.text), key) }
    if group.unit.isEmpty {
      if let number = group.number { fields.add(key, .number(number)) }
      return
    }
    guard let wire = WrittenUnit(text(group.unit)) else {
      issues.append(DecodeError(.badUnit, at: Int(group.unit.start)))
      return
    }
    let published = wire.unit.published
    guard case .number(let number) = group.content else {
      if let reason = absence(group, issues: &issues) { fields.add(key, reason, published) }
      return
    }
    fields.add(key, number: wire.base(number), from: wire.unit, to: published)
  }

  /// Further values of a line, under its code: a second current limit, for export.
  @inline(never)
  func addFurther(_ record: P1Record, to fields: inout ReadingFields, issues: inout [DecodeError]) {
    let main = mainGroup(record)
    for index in record.groups where index != main && !lines.groups[index].unit.isEmpty {
      addCode(lines.groups[index], record.obis, to: &fields, issues: &issues)
    }
  }
}
