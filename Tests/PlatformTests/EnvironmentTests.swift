import Glibc
import Testing

@testable import Base
@testable import Platform

@Test("a program in the terminal of a service is not a service")
func services() {
  let here = "\(getpid())"
  #expect(Environment(["INVOCATION_ID": "1", "SYSTEMD_EXEC_PID": here]).isService)
  #expect(!Environment(["INVOCATION_ID": "1", "SYSTEMD_EXEC_PID": "1"]).isService)
  #expect(Environment(["INVOCATION_ID": "1"]).isService)
  #expect(!Environment([:]).isService)
}
