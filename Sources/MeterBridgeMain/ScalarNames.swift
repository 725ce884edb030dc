/// Stands in for the standard library's look-up of Unicode names, through `--wrap` in Package.swift: its tables would be a
/// twentieth of the program. Nothing asks for the name of a character; who does gets none.
@c(__wrap__swift_stdlib_getScalarName)
public func scalarName(_ scalar: UInt32, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int) -> Int { 0 }
