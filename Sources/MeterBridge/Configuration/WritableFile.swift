internal import Glibc

/// Finds files that other users can change. What they write there, the program would do.
enum WritableFile {
  /// The command that takes the right away; nil if only its owner and root can write. A program whose own group may write
  /// trusts that group: most users have one of their own.
  static func remedy(for path: String) -> String? {
    var file = stat()
    guard unsafe stat(path, &file) == 0, file.st_mode & S_IFMT == S_IFREG else { return nil }
    if isOpen(mode: file.st_mode, group: file.st_gid, ownGroup: getegid()) { return "chmod go-w \(path)" }
    // Whoever may write in its folder can put another file in its place.
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    var place = stat()
    guard unsafe stat(folder, &place) == 0, place.st_mode & S_ISVTX == 0 else { return nil }
    return isOpen(mode: place.st_mode, group: place.st_gid, ownGroup: getegid()) ? "chmod go-w \(folder)" : nil
  }

  /// Whether others than the owner, root and the own group may write.
  static func isOpen(mode: mode_t, group: gid_t, ownGroup: gid_t) -> Bool {
    let isOpenToAll = mode & S_IWOTH != 0
    let isOpenToGroup = mode & S_IWGRP != 0 && group != 0 && group != ownGroup
    return isOpenToAll || isOpenToGroup
  }
}
