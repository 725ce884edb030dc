internal import Base
internal import Glibc
internal import Platform

/// Files that the configuration names, in a service that gets secrets from systemd.
///
/// `LoadCredential=ID:PATH` (systemd.exec(5)) puts a copy of a file that only root can read into a folder that only this
/// service can read: `$CREDENTIALS_DIRECTORY`. A folder at PATH becomes one credential a file, named `ID_FILE`.
extension SettingReader {
  /// Where a file is read: a relative path means a credential if there is one, else it counts from the configuration.
  func file(named path: String) -> String {
    guard let credential = credential(named: path), credential.isThere else { return resolve(path) }
    return credential.path
  }

  /// Why a file cannot be read, and where it was looked for if that is more than one place.
  func reason(_ problem: FileProblem, reading path: String) -> String {
    guard let credential = credential(named: path), !credential.isThere else { return problem.reason }
    return problem.reason + " (looked for as credential \(Self.quoted(credential.name)) in "
      + "\(Self.quoted(credential.folder)), then at \(Self.quoted(resolve(path))))"
  }

  private func credential(named path: String) -> Credential? {
    guard !path.hasPrefix("/"), let folder = environment["CREDENTIALS_DIRECTORY"] else { return nil }
    return Credential(folder: folder, name: path.replacing("/", with: "_"))
  }
}

private struct Credential {
  var folder: String
  /// `secrets/netz-key` is `secrets_netz-key`.
  var name: String

  var path: String { "\(folder)/\(name)" }
  var isThere: Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0
  }
}
