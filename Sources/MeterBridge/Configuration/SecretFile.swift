internal import Glibc

/// Finds other users who can read a file that holds a secret.
///
/// Only its owner should, with one exception. A service reads a file of another owner, mostly root, through the file's
/// group. Root itself cannot know which users a group is for.
enum SecretFile {
  /// The exposure of a file and the command that fixes it. Nil if all is well, and for a pipe or device: other users
  /// cannot read those later.
  static func exposure(of path: String) -> String? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return exposure(of: path, mode: status.st_mode, owner: status.st_uid, reader: geteuid())
  }

  /// - Parameters:
  ///   - path: for the words.
  ///   - mode: who may do what.
  ///   - owner: whose file it is.
  ///   - reader: who wants to read it.
  /// - Returns: the rest of a sentence; nil where all is well.
  static func exposure(of path: String, mode: mode_t, owner: uid_t, reader: uid_t) -> String? {
    if mode & (S_IROTH | S_IWOTH) != 0 {
      return "every user of this machine can read it: `chmod o-rwx \(path)`"
    }
    if mode & (S_IRGRP | S_IWGRP) != 0, owner == reader, reader != 0 {
      return "other users than its owner can read it: `chmod 600 \(path)`"
    }
    return nil
  }
}
