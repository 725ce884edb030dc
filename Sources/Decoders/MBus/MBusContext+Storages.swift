extension MBusRecord {
  /// The date of a past storage, with nothing in it.
  func isEmptyDate(_ bytes: [UInt8]) -> Bool {
    guard storage != 0, quantity == .date || quantity == .dateTime, modifiers.isEmpty, case .absent = value else {
      return false
    }
    return isFilled(with: 0xFF, bytes) || isFilled(with: 0, bytes)
  }

  /// Whether every byte of the data is the same one.
  fileprivate func isFilled(with byte: UInt8, _ bytes: [UInt8]) -> Bool {
    !data.isEmpty && data.indices.allSatisfy { bytes[$0] == byte }
  }
}

extension MBusContext {
  /// The same without the numbers of storages that were never used: meters fill them with ones, and leave their date
  /// empty. Read as a number that would be −1. Nil where no number is such a one.
  func withoutUnusedStorages() -> MBusContext? {
    var used = self
    var isChanged = false
    for index in records.indices {
      let record = records[index]
      guard case .number = record.value, record.storage != 0, record.isFilled(with: 0xFF, bytes), isUnused(record)
      else { continue }
      used.records[index].value = .absent(.noData)
      isChanged = true
    }
    return isChanged ? used : nil
  }

  /// Whether the storage of a record has an empty date, and no other one.
  private func isUnused(_ record: MBusRecord) -> Bool {
    var hasEmptyDate = false
    for date in records where date.storage == record.storage && date.modifiers.isEmpty {
      guard date.function == record.function || date.function == .instantaneous else { continue }
      guard date.quantity == .date || date.quantity == .dateTime else { continue }
      guard date.isEmptyDate(bytes) else { return false }
      hasEmptyDate = true
    }
    return hasEmptyDate
  }
}
