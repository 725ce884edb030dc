internal import Glibc

/// The words of the command line that started this process.
///
/// `CommandLine` reads them from /proc, which a bare chroot does not have. The C library gives them to every function in
/// `.init_array`, before `main` (glibc's `call_init`: argc, argv, environ).
package enum ProgramArguments {
  fileprivate typealias Words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  /// As `main` of a C program gets them; written once, before any thread.
  fileprivate nonisolated(unsafe) static var first: Words?
  fileprivate nonisolated(unsafe) static var count: Int32 = 0

  /// The words behind the program's own name.
  package static var words: [String] {
    (1..<max(1, Int(unsafe count))).compactMap { index in
      unsafe first.flatMap { unsafe $0[index] }.map { unsafe String(cString: $0) }
    }
  }
}

@section(".init_array") @used
private let keepArguments: @convention(c) (Int32, ProgramArguments.Words?, ProgramArguments.Words?) -> Void = {
  count, words, _ in
  unsafe ProgramArguments.count = count
  unsafe ProgramArguments.first = words
}
