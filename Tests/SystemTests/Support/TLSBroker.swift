import Foundation
import Testing

private let opensslPath = "/usr/bin/openssl"
let isOpenSSLThere = FileManager.default.isExecutableFile(atPath: opensslPath)

/// A broker with a certificate of an authority made for the test, that asks its clients for one too.
/// `days` is how long it is valid: -1 for one that expired yesterday. `self` is a certificate that no authority signed.
func tlsBroker(
  names: String = "IP:127.0.0.1", days: Int = 2, wantsCertificate: Bool = true, certificate: String = "broker"
) throws -> Broker {
  let broker = try Broker(
    """
    listener $PORT 127.0.0.1
    cafile $FOLDER/ca.pem
    certfile $FOLDER/\(certificate).pem
    keyfile $FOLDER/\(certificate).key
    require_certificate \(wantsCertificate)
    """, starts: false)
  func openssl(_ arguments: String) throws {
    let words = arguments.replacing("$", with: broker.path("").path).split(separator: " ").map(String.init)
    try #require(ChildProcess(opensslPath, words).wait() == 0, "openssl \(arguments)")
  }
  let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
  for authority in ["ca", "other", "self"] {
    try openssl("req -x509 \(key) -days 2 -subj /CN=\(authority) -keyout $/\(authority).key -out $/\(authority).pem")
  }
  try "subjectAltName=\(names)\n".write(to: broker.path("names"), atomically: true, encoding: .utf8)
  for name in ["broker", "client"] {
    try openssl("req -new \(key) -subj /CN=\(name) -keyout $/\(name).key -out $/\(name).csr")
    let authority = "-CA $/ca.pem -CAkey $/ca.key -CAcreateserial -extfile $/names"
    try openssl("x509 -req -in $/\(name).csr \(authority) -days \(name == "broker" ? days : 2) -out $/\(name).pem")
  }
  try broker.start()
  return broker
}
