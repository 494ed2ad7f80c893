import Glibc
import Synchronization
import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

/// The page that clients map, as far as a plain file can be one.
@Suite(.enabled(if: getuid() == 0, "needs root, whose files alone are believed"))
struct MappedGenerationTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func page(_ name: String, generation: UInt32) throws -> (PageFile, MappedGeneration) {
        let file = try PageFile(scratch.path(name), generation: generation)
        return (file, try MappedGeneration.published(scratch.path(name), offset: CounterPage.generationOffset))
    }

    private func failure(_ path: String, offset: Int = 0) -> Errno? {
        #expect(throws: SystemCallFailure.self) { _ = try MappedGeneration.published(path, offset: offset) }?.errno
    }

    @Test func theGenerationIsThatOfThePage() throws {
        let (file, mapping) = try page("page", generation: 7)
        #expect(mapping.load() == 7)
        file.store(8)
        #expect(mapping.load() == 8)
    }

    @Test func anotherPageTakesThePlaceOfTheFirst() throws {
        let (old, mapping) = try page("old", generation: 1)
        let (new, other) = try page("new", generation: 2)
        try mapping.takePage(of: other)
        #expect(mapping.load() == 2)
        old.store(10)
        new.store(3)
        #expect(mapping.load() == 3)
        #expect(other.load() == 3)
    }

    @Test func whoLoadsMeanwhileGetsOneOrTheOther() throws {
        let (_, mapping) = try page("page", generation: 1)
        let (_, first) = try page("first", generation: 1)
        let (_, second) = try page("second", generation: 2)
        let reading = Reading()
        let reader = try Thread(named: "reader") {
            while !reading.isOver.load(ordering: .relaxed) { _ = reading.seen.withLock { $0.insert(mapping.load()) } }
        }
        for _ in 1...200 {
            try mapping.takePage(of: second)
            try mapping.takePage(of: first)
        }
        for (page, generation) in [(second, 2), (first, 1)] as [(MappedGeneration, UInt32)] {
            try mapping.takePage(of: page)
            try waitUntil("the reader") { reading.seen.withLock { $0.contains(generation) } }
        }
        reading.isOver.store(true, ordering: .relaxed)
        reader.join()
        #expect(reading.seen.withLock { $0 } == [1, 2])
    }

    @Test func aPageWithTheGenerationElsewhereIsRefused() throws {
        let (_, mapping) = try page("page", generation: 1)
        let other = try MappedGeneration.published(scratch.path("page"), offset: 64)
        #expect(throws: SystemCallFailure.self) { try mapping.takePage(of: other) }
        #expect(mapping.load() == 1)
    }

    @Test func whatIsNoPageOfRootsIsRefused() throws {
        let path = scratch.path("page")
        #expect(failure(path) == .noSuchFileOrDirectory)
        _ = try PageFile(path, generation: 1)
        for offset in [-4, 2, 4_094, 4_096] { #expect(failure(path, offset: offset) == .invalidArgument) }
        try Files.setPermissions(path, 0o664)
        #expect(failure(path) == .permissionDenied)
        try Files.setPermissions(path, 0o644)
        #expect(chown(path, 65_534, 65_534) == 0)
        #expect(failure(path) == .permissionDenied)
        try Files.replace(path, with: [1, 0, 0, 0], permissions: 0o644)
        #expect(failure(path) == .invalidArgument)
        let link = scratch.path("link")
        #expect(symlink(path, link) == 0)
        #expect(failure(link) == .tooManySymbolicLinkLevels)
    }
}

private final class Reading: Sendable {
    let isOver = Atomic(false)
    let seen = Lock<Set<UInt32>>([])
}
