/// What a decoder makes of link frames: the protocol's own records, the readings made from them, and what could not be
/// used.
public struct Telegram: Sendable {
  /// The records as the protocol has them: nothing lost, nothing renamed.
  public enum Records: Sendable {
    case mbus(MBusHeader, [MBusRecord])
    case p1([P1Record], [P1Group])
    case dlms(DLMSContent)
    case echonet(ECHONETFrame, [ECHONETRecord])
  }

  /// The frame; places in records and issues are places in here, those of DLMS in the application data of its records.
  public var bytes: [UInt8]
  /// The protocol's own records.
  public var records: Records
  /// The meter's reading first, even where it has no field, then one for each sub-meter behind it.
  public var readings: [Reading]
  /// Records and lines that could not be used; the others stand.
  public var issues: [DecodeError]

  /// A telegram.
  public init(bytes: [UInt8], records: Records, readings: [Reading], issues: [DecodeError] = []) {
    self.bytes = bytes
    self.records = records
    self.readings = readings
    self.issues = issues
  }
}
