import Foundation
import Glibc
import Testing
import TestSupport

@testable import Platform

struct FolderTests {
  private let place: TemporaryFolder
  private var path: String { place.path("state") }

  init() throws { place = try TemporaryFolder() }

  private func mode(_ mode: mode_t, _ path: String) { unsafe chmod(path, mode) }

  /// What an opening is refused with; nil if it is not.
  private func refusal(_ open: () throws(Errno) -> Void) -> String? {
    do throws(Errno) { try open() } catch { return error.refusal ?? "\(error)" }
    return nil
  }

  @Test("a missing folder is made for its owner alone, with those above it")
  func missing() throws {
    _ = try Folder(making: path + "/a/b")
    for made in ["state", "state/a", "state/a/b"] { #expect(try place.mode(made) == 0o700) }
    #expect(refusal { () throws(Errno) in _ = try Folder(visiting: place.path("none")) } == "\(Errno(ENOENT))")
  }

  @Test("a folder that others can write to is refused", arguments: [0o777, 0o1777, 0o775, 0o770, 0o702] as [mode_t])
  func writable(mode: mode_t) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    self.mode(mode, path)
    #expect(refusal { () throws(Errno) in _ = try Folder(making: path) }?.contains("`chmod go-w \(path)`") == true)
    #expect(refusal { () throws(Errno) in _ = try Folder(visiting: path) }?.contains("`chmod go-w \(path)`") == true)
    self.mode(0o755, path)
    _ = try Folder(making: path)
  }

  @Test("a daemon of root refuses another user's folder, and a command looks into it", .enabled(if: geteuid() == 0))
  func stranger() throws {
    _ = try Folder(making: path)
    try place.write("x", to: "state/file")
    unsafe chown(path, 65_534, 65_534)
    unsafe chown(place.path("state/file"), 65_534, 65_534)
    #expect(refusal { () throws(Errno) in _ = try Folder(making: path) }?.contains("`chown 0 \(path)`") == true)
    let visited = try Folder(visiting: path)
    #expect(try visited.contents(of: "file", limit: 10) == Array("x".utf8))
    // A third user's file is not the service's.
    unsafe chown(place.path("state/file"), 65_533, 65_533)
    #expect(refusal { () throws(Errno) in _ = try visited.open("file", O_RDONLY) }?.contains("another user") == true)
  }

  @Test("a folder may be on another disk, behind a link")
  func linkToFolder() throws {
    _ = try Folder(making: place.path("disk"))
    let folder = try Folder(making: place.link("state", to: place.path("disk")))
    try folder.replace("file", with: [1])
    #expect(try place.bytes("disk/file") == [1])
  }

  private static let flags = [O_RDONLY, O_RDWR | O_APPEND | O_CREAT, O_WRONLY | O_APPEND | O_CREAT, O_RDONLY | O_CREAT]

  @Test("a link is not followed, and the file behind it stays as it was", arguments: flags)
  func link(flags: Int32) throws {
    let folder = try Folder(making: path)
    try place.write("precious", to: "target")
    for target in ["target", "none"] {
      _ = place.link("state/file", to: place.path(target))
      #expect(refusal { () throws(Errno) in _ = try folder.open("file", flags) }?.contains("symbolic link") == true)
    }
    #expect(try place.text("target") == "precious")
    #expect(!FileManager.default.fileExists(atPath: place.path("none")))
  }

  @Test("a pipe, a socket, a device and a folder are refused without waiting", arguments: flags)
  func irregular(flags: Int32) throws {
    let folder = try Folder(making: path)
    unsafe try #require(mkfifo(place.path("state/pipe"), 0o600) == 0)
    if geteuid() == 0 { unsafe try #require(mknod(place.path("state/device"), S_IFCHR | 0o600, 0x103) == 0) }
    try FileManager.default.createDirectory(atPath: place.path("state/folder"), withIntermediateDirectories: false)
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let said = try #require(refusal { () throws(Errno) in _ = try folder.open(name, flags) })
      // A folder that is opened for writing is refused by the system.
      #expect(said.contains("not a regular file") || said == "\(Errno(EISDIR))", "\(name)")
    }
  }

  @Test("a file with a second name is refused, and stays as it was", arguments: flags)
  func hardLink(flags: Int32) throws {
    let folder = try Folder(making: path)
    try place.write("precious", to: "target")
    unsafe try #require(Glibc.link(place.path("target"), place.path("state/file")) == 0)
    #expect(refusal { () throws(Errno) in _ = try folder.open("file", flags) }?.contains("hard link") == true)
    #expect(try place.text("target") == "precious")
    #expect(try place.mode("target") == 0o600)
  }

  @Test("an existing file becomes its owner's alone")
  func laxFile() throws {
    let folder = try Folder(making: path)
    try place.write("x", to: "state/file")
    mode(0o666, place.path("state/file"))
    folder.close(try folder.open("file", O_RDONLY))
    #expect(try place.mode("state/file") == 0o600)
  }

  @Test("a name in another folder is not one of this")
  func otherFolder() throws {
    let folder = try Folder(making: path)
    try place.write("x", to: "file")
    #expect(throws: Errno(EINVAL)) { try folder.open("../file", O_RDONLY) }
  }

  @Test("a replaced file is a new one, whatever stands in its way")
  func replace() throws {
    let folder = try Folder(making: path)
    try place.write("precious", to: "target")
    _ = place.link("state/file.new", to: place.path("target"))
    _ = place.link("state/file", to: place.path("target"))
    try folder.replace("file", with: Array("new".utf8))
    #expect(try place.text("target") == "precious")
    #expect(try folder.contents(of: "file", limit: 10) == Array("new".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["file"])
  }

  @Test("the opened folder stays the one, even if another takes its name")
  func exchanged() throws {
    let folder = try Folder(making: path)
    try folder.replace("file", with: [1])
    unsafe try #require(Glibc.rename(path, place.path("moved")) == 0)
    _ = try Folder(making: path)
    try folder.replace("file", with: [2])
    #expect(try place.bytes("moved/file") == [2])
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
  }

  @Test("a folder that was removed comes back with the next file, under the same descriptor")
  func removed() throws {
    let folder = try Folder(making: path)
    let descriptor = folder.descriptor
    try FileManager.default.removeItem(atPath: path)
    #expect(try folder.contents(of: "file", limit: 10) == nil)
    try folder.replace("file", with: [1])
    #expect(try place.bytes("state/file") == [1])
    #expect(try place.mode("state") == 0o700)
    #expect(folder.descriptor == descriptor && fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
  }
}
