internal import Decoders
internal import Glibc
internal import Meters

extension HostZone {
  /// The zone of the system, as the C library knows it.
  static let system = HostZone { time, isStandard in
    var parts = unsafe tm()
    unsafe parts.tm_year = Int32(time.year) - 1900
    unsafe parts.tm_mon = Int32(time.month) - 1
    unsafe parts.tm_mday = Int32(time.day)
    unsafe parts.tm_hour = Int32(time.hour)
    unsafe parts.tm_min = Int32(time.minute)
    unsafe parts.tm_sec = Int32(time.second)
    // As `tm_isdst`: 0 is standard time, -1 what the calendar says.
    unsafe parts.tm_isdst = isStandard ? 0 : -1
    let moment = unsafe mktime(&parts)
    guard moment != -1 else { return nil }
    // mktime normalises: a standard time in summer comes back an hour later with its daylight flag set.
    let saving = unsafe isStandard && parts.tm_isdst > 0 ? 3600 : 0
    return unsafe Int16(exactly: (parts.tm_gmtoff - saving) / 60)
  }
}
