import Glibc
import Testing
import TestSupport

@testable import MeterBridge
@testable import Meters

private func driver(_ address: SourceAddress) -> SourceDriver {
  SourceDriver(SourceConnection(address, line: ProtocolDescription.p1.line, dialogue: mbusListener(), lookup: nil))
}

@Suite struct FileTransportTests {
  @Test("a file is read once to its end") func readToEnd() throws {
    let folder = try TemporaryFolder()
    let telegrams = (0..<2000).map { shortTelegram(UInt8(truncatingIfNeeded: $0)) }
    try folder.write(Array(telegrams.joined()) + [0x68, 0x05], to: "capture")
    let driver = driver(.file(path: "\(folder.path)/capture"))
    #expect(driver.run { driver.events.last == .ended })
    #expect(driver.frames == telegrams)
    #expect(driver.rejected == [[0x68, 0x05]])
    #expect(driver.events.first == .opened)
    #expect(driver.connection.deadline == nil && driver.connection.pollDescriptor == -1)
    #expect(driver.lost.isEmpty)
  }

  @Test("an empty file ends at once") func emptyFile() throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "empty")
    let driver = driver(.file(path: "\(folder.path)/empty"))
    #expect(driver.run { driver.events.last == .ended })
    #expect(driver.events == [.opened, .ended])
  }

  @Test("a missing file is waited for") func missingFile() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/later"
    let driver = driver(.file(path: path))
    for _ in 0..<20 { driver.step() }
    #expect(driver.events == [.lost(reason: "there is no file \(path)")])
    try folder.write(shortTelegram(1), to: "later")
    #expect(driver.run { driver.events.last == .ended })
    #expect(driver.frames == [shortTelegram(1)])
  }

  @Test("a folder is refused") func folderRefused() throws {
    let folder = try TemporaryFolder()
    let driver = driver(.file(path: folder.path))
    driver.step()
    #expect(driver.lost == ["\(folder.path) is a folder, not a file"])
  }

  @Test("the writers of a pipe may come and go") func pipeWriters() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/pipe"
    let made = unsafe mkfifo(path, 0o600)
    #expect(made == 0)
    let driver = driver(.file(path: path))
    driver.step()
    for number in 1...3 as ClosedRange<UInt8> {
      let writer = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      #expect(unsafe write(writer, shortTelegram(number), 10) == 10)
      close(writer)
      #expect(driver.run { driver.frames.count == Int(number) })
    }
    #expect(driver.events.first == .opened)
    #expect(driver.lost.isEmpty && !driver.events.contains(.ended))
  }

  @Test("a recording of a bus is shared out by address") func busRecording() throws {
    let folder = try TemporaryFolder()
    let request: [UInt8] = [0x10, 0x7B, 0x02, 0x7D, 0x16]
    try folder.write(request + shortTelegram(2) + shortTelegram(7) + shortTelegram(1), to: "bus")
    let source = SourceAddress.file(path: "\(folder.path)/bus")
    let meters = [1, 2].map { address in
      var meter = MeterSettings(id: "m\(address)", meterProtocol: .mbus, source: source, sourceText: "")
      meter.address = .primary(UInt8(address))
      return meter
    }
    let driver = SourceDriver(try #require(SourceConnection(for: meters, lookup: nil)))
    #expect(driver.run { driver.events.last == .ended })
    let readouts = driver.events.compactMap { event -> Int? in
      if case .dialogue(.readout(let meter, _)) = event { meter } else { nil }
    }
    #expect(readouts == [1, 0])
    #expect(driver.rejected == [request, shortTelegram(7)])
  }

  @Test("standard input is read to its end") func standardInput() async throws {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [-1, -1]
      let made = unsafe pipe(&ends)
      #expect(made == 0)
      #expect(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO)
      let driver = SourceDriver(
        SourceConnection(.standardInput, line: ProtocolDescription.p1.line, dialogue: mbusListener(), lookup: nil))
      driver.step()
      #expect(unsafe write(ends[1], shortTelegram(9), 10) == 10)
      #expect(driver.run { driver.frames == [shortTelegram(9)] })
      #expect(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK == 0)
      close(ends[1])
      #expect(driver.run { driver.events.last == .ended })
    }
  }
}
