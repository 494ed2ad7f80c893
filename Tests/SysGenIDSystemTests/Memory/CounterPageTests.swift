import Glibc
import SysGenIDSystem
import Testing

/// The counter page, seen through a mapping of a client that opened the page's file by itself.
struct CounterPageTests {
    let page: CounterPage
    let client: ClientMapping

    init() throws {
        page = try CounterPage(generation: 7)
        client = try ClientMapping("/proc/self/fd/\(page.file.rawValue)")
    }

    @Test func clientsSeeEachStoreAndZeros() {
        #expect(page.load() == 7)
        #expect(client.words[0] == 7)
        for generation: UInt32 in [8, 0, .max, 0x8000_0000] {
            page.store(generation)
            #expect(page.load() == generation)
            #expect(client.words[0] == generation)
        }
        #expect(client.words.dropFirst().allSatisfy { $0 == 0 })
        #expect(CounterPage.size % 4096 == 0)
        #expect(CounterPage.generationOffset == 0)
    }

    @Test func aForeignWriteIsNoticedAnywhereInThePage() {
        for place in [0, 1, 2, 3, 4, 511, 512, client.words.count - 2, client.words.count - 1] {
            #expect(page.holdsOnly(7))
            client.words[place] = 0xdead
            #expect(!page.holdsOnly(7), "word \(place)")
            page.restore(7)
            #expect(client.words[0] == 7)
            #expect(client.words.dropFirst().allSatisfy { $0 == 0 })
        }
    }

    @Test func anotherGenerationIsNotHeld() {
        #expect(page.holdsOnly(7))
        #expect(!page.holdsOnly(8))
    }

    @Test func nobodyCanChangeTheSize() throws {
        let path = "/proc/self/fd/\(page.file.rawValue)"
        for length in [0, 1, CounterPage.size - 1, CounterPage.size + 1] {
            #expect(truncate(path, length) == -1)
            #expect(errno == EPERM)
        }
        #expect(try Files.status(path).size == Int64(CounterPage.size))
    }

    @Test func aMappingOutlivesThePage() throws {
        var page: CounterPage? = try CounterPage(generation: 3)
        let client = try ClientMapping("/proc/self/fd/\(page!.file.rawValue)")
        page = nil
        #expect(client.words[0] == 3)
    }
}

/// A shared mapping of a whole counter page.
final class ClientMapping {
    let words: UnsafeMutableBufferPointer<UInt32>

    init(_ path: String) throws {
        let file = try openFile(path, .readWrite)
        let address = mmap(nil, CounterPage.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0)
        try #require(address != MAP_FAILED)
        let count = CounterPage.size / MemoryLayout<UInt32>.size
        words = UnsafeMutableBufferPointer(start: address!.assumingMemoryBound(to: UInt32.self), count: count)
    }

    deinit {
        munmap(words.baseAddress, CounterPage.size)
    }
}
