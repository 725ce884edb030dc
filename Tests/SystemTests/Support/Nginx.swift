import Foundation
import Testing
import TestSupport

/// A web server in front of another one, with the settings that Debian gives it.
final class Nginx {
  let port: UInt16
  private let folder: TemporaryFolder
  private let process: ChildProcess

  static let path = "/usr/sbin/nginx"

  /// Hands what is below `/meters/` on.
  init(to behind: UInt16) throws {
    port = try freePort()
    folder = try TemporaryFolder()
    try folder.write(
      """
      daemon off; master_process off; pid \(folder.path)/pid; error_log \(folder.path)/log;
      events {}
      http {
        access_log off;
        client_body_temp_path \(folder.path)/1; proxy_temp_path \(folder.path)/2; fastcgi_temp_path \(folder.path)/3;
        uwsgi_temp_path \(folder.path)/4; scgi_temp_path \(folder.path)/5;
        server {
          listen 127.0.0.1:\(port);
          location /meters/ {
            proxy_pass http://127.0.0.1:\(behind)/;
            proxy_set_header Host $http_host;
            proxy_http_version 1.1;
          }
        }
      }

      """, to: "nginx.conf")
    process = try ChildProcess(Self.path, ["-c", "\(folder.path)/nginx.conf", "-e", "\(folder.path)/log"])
    try #require(WebClient(port: port).awaitServer())
  }

  deinit { process.end(SIGKILL) }
}
