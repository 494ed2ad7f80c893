import Glibc
import SysGenIDBackends
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

/// The file backend on a real file.
struct FileBackendTests {
    let scratch: Scratch
    let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("identity")
    }

    private func raw(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 16) }

    private func resume(_ byte: UInt8) -> BackendReport {
        .identity(Identity(domain: Identity.Domain("file:" + path), bytes: raw(byte))!, by: "file")
    }

    private func replace(_ contents: [UInt8]) throws {
        try Files.replace(path, with: contents, permissions: 0o644)
    }

    private func rewrite(_ contents: [UInt8]) throws {
        let file = try NamedFile(path, [.writeOnly, .truncate])
        try file.write(contents, at: 0)
    }

    @Test func theIdentityAtTheStartIsReported() throws {
        try replace(raw(1))
        let backend = try RunningBackend(FileBackend(path: path))
        #expect(backend.reports(count: 1) == [resume(1)])
        #expect(backend.stopped() == [resume(1)])
        #expect(FileBackend(path: path).name == "file")
    }

    @Test func aTextIsTheIdentityThatItNames() throws {
        try replace(Array("01010101-0101-0101-0101-010101010101\n".utf8))
        let backend = try RunningBackend(FileBackend(path: path))
        #expect(backend.reports(count: 1) == [resume(1)])
        // The same identity in raw bytes is no other.
        try replace(raw(1))
        try replace(raw(2))
        #expect(backend.reports(count: 2) == [resume(1), resume(2)])
        #expect(backend.stopped().count == 2)
    }

    /// Somebody without rights may do whatever he likes in /tmp.
    @Test func muchThatHappensBesideTheFileDoesNotKeepItBusy() throws {
        try replace(raw(1))
        let looks = try Looks(at: path)
        let backend = try RunningBackend(FileBackend(path: path))
        #expect(backend.reports(count: 1) == [resume(1)])
        let other = try NamedFile(scratch.path("other"), [.writeOnly, .create])
        let begun = MonotonicClock.now()
        for _ in 0..<30_000 { try other.write([1], at: 0) }
        try replace(raw(2))
        #expect(backend.reports(count: 2) == [resume(1), resume(2)])
        #expect(backend.stopped().count == 2)
        // Two in each five milliseconds, and those of the start and of the change.
        let most = Int((MonotonicClock.now() - begun) / 2_500_000) + 20
        #expect(looks.count <= most)
    }

    @Test func replacementAndRewriteAreOneReportEach() throws {
        try replace(raw(1))
        let backend = try RunningBackend(FileBackend(path: path))
        #expect(backend.reports(count: 1) == [resume(1)])
        for byte: UInt8 in 2...9 {
            // In place without truncation, so that no state in between is a failure.
            if byte % 2 == 0 { try replace(raw(byte)) } else { try NamedFile(path, .writeOnly).write(raw(byte), at: 0) }
            #expect(backend.reports(count: Int(byte)).last == resume(byte))
        }
        #expect(backend.stopped() == (1...9).map(resume))
    }

    @Test func aRemovedFileIsReportedOnceAndItsReturnToo() throws {
        try replace(raw(1))
        let backend = try RunningBackend(FileBackend(path: path))
        _ = backend.reports(count: 1)
        try Files.remove(path)
        let reason = try #require(backend.reports(count: 2).last?.reason)
        #expect(reason.contains(path))
        #expect(!reason.contains("\n"))
        // Several looks later there is still the one report.
        usleep(250_000)
        #expect(backend.reports(count: 2).count == 2)
        try replace(raw(1))
        #expect(backend.reports(count: 3).last == .readable("file"))
        try replace(raw(2))
        #expect(backend.reports(count: 4).last == resume(2))
        #expect(backend.stopped().count == 4)
    }

    @Test func aMissingDirectoryIsWaitedFor() throws {
        let backend = try RunningBackend(FileBackend(path: path + "/folder/identity"))
        #expect(backend.reports(count: 1).last?.reason != nil)
        try Files.makeDirectories(path + "/folder", permissions: 0o755)
        try Files.replace(path + "/folder/identity", with: raw(1), permissions: 0o644)
        #expect(backend.reports(count: 3).dropFirst().first == .readable("file"))
        #expect(backend.stopped().count == 3)
    }

    @Test func anotherDirectoryInItsPlaceIsFollowed() throws {
        let (folder, path) = (scratch.path("folder"), scratch.path("folder/identity"))
        func place(_ byte: UInt8) throws {
            try Files.makeDirectories(folder, permissions: 0o755)
            try Files.replace(path, with: raw(byte), permissions: 0o644)
        }
        func identity(_ byte: UInt8) -> BackendReport {
            .identity(Identity(domain: Identity.Domain("file:" + path), bytes: raw(byte))!, by: "file")
        }
        try place(1)
        let backend = try RunningBackend(FileBackend(path: path))
        #expect(backend.reports(count: 1) == [identity(1)])
        for byte: UInt8 in [3, 5, 7] {
            #expect(rename(folder, "\(folder)-\(byte)") == 0)
            try place(byte)
            #expect(backend.hasReported(identity(byte)))
            try place(byte + 1)
            #expect(backend.hasReported(identity(byte + 1)))
        }
        // In between there may have been no file.
        let resumes = backend.stopped().filter { if case .identity = $0 { true } else { false } }
        #expect(resumes == [1, 3, 4, 5, 6, 7, 8].map(identity))
    }

    @Test(
        "each defect has its reason",
        arguments: [([], "empty"), ([1, 2, 3], "neither"), ([UInt8](repeating: 0x20, count: 257), "longer")])
    func garbage(contents: [UInt8], word: String) throws {
        try replace(contents)
        let backend = try RunningBackend(FileBackend(path: path))
        let reason = try #require(backend.reports(count: 1).first?.reason)
        #expect(reason.contains(path) && reason.contains(word))
        try replace(raw(1))
        #expect(backend.reports(count: 3) == [.unreadable(reason), .readable("file"), resume(1)])
        #expect(backend.stopped().count == 3)
    }

    @Test func whatIsNoRegularFileIsNotRead() throws {
        #expect(mkfifo(path, 0o644) == 0)
        let backend = try RunningBackend(FileBackend(path: path))
        #expect(backend.reports(count: 1).first?.reason?.contains("regular") == true)
        #expect(backend.stopped().count == 1)
    }

    @Test func aFileInPartsIsOneResume() throws {
        try replace(raw(1))
        let backend = try RunningBackend(FileBackend(path: path))
        _ = backend.reports(count: 1)
        let file = try NamedFile(path, [.writeOnly, .truncate])
        for offset in stride(from: Int64(0), to: 16, by: 4) { try file.write(Array(raw(2).prefix(4)), at: offset) }
        // The parts may be so far apart on a busy machine that the file is found to be broken in between.
        _ = backend.reports(count: 2)
        usleep(50_000)
        let resumes = backend.stopped().filter { if case .identity = $0 { true } else { false } }
        #expect(resumes == [resume(1), resume(2)])
    }

    @Test func theManualBackendOnlyWaits() throws {
        let backend = try RunningBackend(ManualBackend())
        #expect(backend.stopped().isEmpty)
        #expect(ManualBackend().name == "manual")
    }
}

extension BackendReport {
    fileprivate var reason: String? {
        if case .unreadable(let reason) = self { reason } else { nil }
    }
}

/// How often a file has been opened.
private struct Looks: ~Copyable {
    private let events: OwnedDescriptor

    init(at path: String) throws {
        events = OwnedDescriptor(owning: inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK)))
        // With what lies between two of them, since what is the same as the last one is told once.
        try #require(inotify_add_watch(events.rawValue, path, UInt32(IN_OPEN | IN_CLOSE)) >= 0)
    }

    var count: Int {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let size = max(0, read(events.rawValue, &bytes, bytes.count))
        return stride(from: 0, to: size, by: MemoryLayout<inotify_event>.size).count { offset in
            bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self) } & UInt32(IN_OPEN)
                != 0
        }
    }
}
