import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// The Debian package, made of the release program that `make build` leaves.
@Suite(.serialized, .enabled(if: Soak.minutes != nil && geteuid() == 0)) struct SoakPackageTests {
  /// What a script of the repository prints; it must end well.
  private func run(_ script: String, _ words: String...) throws -> String {
    let folder = try TemporaryFolder()
    let command = "exec '\(repository.appending(path: script).path)' \"$@\" >\"$0\" 2>&1"
    let status = try ChildProcess("/bin/sh", ["-c", command, folder.path("output")] + words).wait()
    let output = try folder.text("output")
    try #require(status == 0, "\(output)")
    return output
  }

  private func sums() throws -> String {
    let folder = try TemporaryFolder()
    let packages = repository.appending(path: ".build/packages").path
    let status = try ChildProcess(
      "/bin/sh", ["-c", "cd '\(packages)' && sha256sum *.deb >\"$0\"", folder.path("sums")]
    ).wait()
    try #require(status == 0)
    return try folder.text("sums")
  }

  @Test("the package is small, lintian has no complaint, and made twice it is the same")
  func packages() throws {
    _ = try run("Scripts/packages.sh")
    let first = try sums()
    _ = try run("Scripts/packages.sh")
    #expect(try sums() == first)
  }

  @Test(
    "a fresh Debian installs the package, reads a meter, upgrades, and has nothing left after purge",
    arguments: ["bookworm", "trixie", "testing"])
  func freshDebian(suite: String) throws {
    let said = try run("Scripts/try-package.sh", suite)
    #expect(said.contains("reads its meter: energy_import ") && said.hasSuffix("purge leaves nothing\n"), "\(said)")
  }

  /// systemd does not run there, so nothing is seen of the service.
  @Test("the package for arm64 does the same on an emulated Debian", .enabled(if: ARM64.isForeign))
  func emulatedDebian() throws {
    let package = ".build/packages/meterbridge_\(Version.text)_arm64.deb"
    let said = try run("Scripts/try-package.sh", "bookworm", package)
    #expect(said.contains("reads its meter: energy_import ") && said.hasSuffix("purge leaves nothing\n"), "\(said)")
  }

  @Test("under systemd the service waits for its configuration, starts, feeds the watchdog and reloads")
  func service() throws {
    let said = try run("Scripts/boot-package.sh")
    let states = ["waits for its configuration", "is started again when it stands still", "reloads"]
    #expect(states.allSatisfy(said.contains) && said.hasSuffix("purge leaves nothing\n"), "\(said)")
  }
}
