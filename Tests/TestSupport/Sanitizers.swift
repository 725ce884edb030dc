import Glibc

/// A sanitizer takes terabytes of addresses, and keeps freed memory for a while: tests of memory leave it out.
package let isSanitized = unsafe getenv("ASAN_OPTIONS") != nil
