import Glibc
import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

/// The page that the preload library maps.
struct PageFileTests {
    let scratch: Scratch
    let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("page")
    }

    /// What a client sees that has mapped the file.
    private func mapped() throws -> UnsafePointer<UInt32> {
        let file = try NamedFile(path, .readOnly)
        let mapping = mmap(nil, CounterPage.size, PROT_READ, MAP_SHARED, file.descriptor.rawValue, 0)
        return UnsafePointer(try #require(mapping).assumingMemoryBound(to: UInt32.self))
    }

    @Test func everybodyMayReadItAndNobodyElseWrite() throws {
        let page = try PageFile(path, generation: 7)
        let status = try Files.status(path)
        #expect(status.permissions == 0o644)
        #expect(status.size == Int64(CounterPage.size))
        let word = try mapped()
        #expect(word.pointee == 7)
        page.store(8)
        #expect(word.pointee == 8)
    }

    @Test func aMappingOutlivesTheDaemonAndSeesTheNext() throws {
        var page: PageFile? = try PageFile(path, generation: 1)
        let word = try mapped()
        page = nil
        #expect(word.pointee == 1)
        page = try PageFile(path, generation: 1)
        page?.store(2)
        #expect(word.pointee == 2)
    }

    @Test(arguments: [0, 5, 4_095, 9_000])
    func aFileOfAnotherSizeIsMadeAnew(size: Int) throws {
        try Files.replace(path, with: [UInt8](repeating: 0xff, count: size), permissions: 0o600)
        let page = try PageFile(path, generation: 3)
        let contents = try Files.read(path)
        #expect(contents.count == CounterPage.size)
        #expect(contents.dropFirst(4).allSatisfy { $0 == 0 })
        _ = page
    }

    @Test func whatIsNoFileIsRefused() throws {
        #expect(symlink("/etc/passwd", path) == 0)
        #expect(throws: SystemCallFailure.self) { try PageFile(path, generation: 0) }
    }
}
