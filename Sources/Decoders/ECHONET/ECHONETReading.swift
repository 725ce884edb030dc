/// Makes the reading of one frame.
struct ECHONETReading {
  private var reading: Reading
  /// The time stamps of the frame's values; nil for a value without one.
  private var stamps: Set<MeterTime?> = []

  /// The fields of a frame's records.
  ///
  /// - Parameters:
  ///   - records: All of one frame of the meter.
  ///   - particulars: Those of the meter, this frame included.
  /// - Returns: The reading. It has the time of its values if all are of one time.
  static func reading(of records: [ECHONETRecord], _ particulars: ECHONETParticulars) -> Reading {
    var builder = ECHONETReading(reading: particulars.reading)
    let hasRegisters = records.contains { [0xE0, 0xE3].contains($0.code) }
    for record in records { builder.add(record, hasRegisters: hasRegisters) }
    if records.contains(where: { [0x80, 0x88].contains($0.code) }), let status = particulars.status {
      let range = builder.reading.keep(status.utf8)
      builder.reading.fields.append(Field(FieldKey(.status), .text(range)))
    }
    if builder.stamps.count == 1, let time = builder.stamps.first { builder.reading.time = time }
    return builder.reading
  }

  private mutating func add(_ record: ECHONETRecord, hasRegisters: Bool) {
    switch record.code {
    case 0xE7: addMomentary(.power, record)
    case 0xE0: addMomentary(.energyImport, record)
    case 0xE3: addMomentary(.energyExport, record)
    case 0xE8: addCurrents(record)
    case 0xEA: addScheduled(.energyImportScheduled, record)
    case 0xEB: addScheduled(.energyExportScheduled, record)
    // The same registers as E0 and E3, read a little earlier.
    case 0xD0 where !hasRegisters: addMinute(record)
    default: break
    }
  }

  private mutating func addMomentary(_ name: FieldName, _ record: ECHONETRecord) {
    switch record.value {
    case .number(let number): append(FieldKey(name), .number(number))
    case .absent(let reason): append(FieldKey(name), .absent(reason))
    default: return
    }
    stamps.insert(nil)
  }

  private mutating func addCurrents(_ record: ECHONETRecord) {
    switch record.value {
    case .phases(let r, let t):
      append(FieldKey(.current, phase: .r), r)
      append(FieldKey(.current, phase: .t), t)
    case .absent(let reason):
      append(FieldKey(.current, phase: .r), .absent(reason))
      append(FieldKey(.current, phase: .t), .absent(reason))
    default: return
    }
    stamps.insert(nil)
  }

  private mutating func addScheduled(_ name: FieldName, _ record: ECHONETRecord) {
    switch record.value {
    case .stamped(let time, let energy):
      append(FieldKey(name), energy)
      stamps.insert(time)
    case .absent(let reason): append(FieldKey(name), .absent(reason))
    default: return
    }
  }

  private mutating func addMinute(_ record: ECHONETRecord) {
    guard case .stampedEnergies(let time, let energies) = record.value else { return }
    append(FieldKey(.energyImport), energies.normal)
    append(FieldKey(.energyExport), energies.reverse)
    stamps.insert(time)
  }

  /// Adds a field; repeated properties of a frame count on.
  private mutating func append(_ key: FieldKey, _ amount: ECHONETRecord.Amount) {
    var key = key
    let same = reading.fields.count { $0.key.name == key.name && $0.key.phase == key.phase }
    key.ordinal = UInt8(clamping: same)
    switch amount {
    case .number(let number): reading.fields.append(Field(key, .number(number), key.name.entry.unit))
    case .absent(let reason): reading.fields.append(Field(key, .absent(reason), key.name.entry.unit))
    }
  }
}
