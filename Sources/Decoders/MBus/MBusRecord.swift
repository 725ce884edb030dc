/// Header of an M-Bus answer, kept as the numbers on the wire; text is made when it is printed.
public struct MBusHeader: Hashable, Sendable, BitwiseCopyable {
}
/// One data record of an M-Bus answer.
public struct MBusRecord: Hashable, Sendable, BitwiseCopyable {
}
