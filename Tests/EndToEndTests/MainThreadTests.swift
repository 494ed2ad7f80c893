import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What the main thread does between requests, counted by its system calls: how long it all takes does not matter.
    @Suite(.needs("strace")) struct MainThread {
        /// Serves with the main thread traced, and gives what it has called so far, a line each.
        private func serve(_ device: TestDevice) throws -> () throws -> [String] {
            let trace = device.folder + "/trace-\(UUID().uuidString.prefix(8))"
            let daemon = try device.run(
                "/usr/bin/env",
                [
                    "strace", "-qq", "-o", trace, "-e",
                    "trace=?poll,ppoll,restart_syscall,pwrite64,?rename,renameat,renameat2",
                ]
                    + [Built.path(of: "sysgenidd"), "--device", device.path, "--frontend", "fuse"]
                    + ["--runtime-dir", device.runtimeDirectory, "--backend", "manual"])
            try daemon.waitFor("serving \(device.path)")
            return { try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").map(String.init) }
        }

        private func isWait(_ line: String) -> Bool {
            ["poll(", "ppoll(", "restart_syscall("].contains { line.hasPrefix($0) }
        }

        private func hasTimedOut(_ wait: String) -> Bool { wait.contains(#/\) += 0/#) }

        /// For how many milliseconds the main thread means to wait, by the last so many waits of its loop, which waits for
        /// more descriptors than any other.
        private func patience(_ lines: [String], last count: Int) -> [Int] {
            lines.compactMap { line in
                if let poll = line.firstMatch(of: #/^poll\(.*\], [5-9], (\d+)\) += /#) { return Int(poll.output.1) }
                // Where a processor has no poll(2).
                let time = line.firstMatch(of: #/^ppoll\(.*\], [5-9], \{tv_sec=(\d+), tv_nsec=(\d+)\}, /#)?.output
                return time.flatMap { time in
                    Int(time.1).flatMap { s in Int(time.2).map { s * 1_000 + $0 / 1_000_000 } }
                }
            }.suffix(count)
        }

        private func kill(_ device: TestDevice, _ signal: Int32) throws {
            let daemon = try #require(device.attribute("pid").flatMap(pid_t.init))
            #expect(Foundation.kill(daemon, signal) == 0)
        }

        /// What is written while the daemon stands still is put right by the first tick after that.
        @Test func thePageIsLookedAtWithEachTick() throws {
            let device = try TestDevice()
            defer { device.end() }
            let trace = try serve(device)
            let page = try WritablePage(device.path)
            try waitUntil("the watcher") { device.attribute("watchers") == "1" }
            for number in UInt32(101)...104 {
                let stops = { try trace().count { $0.contains("stopped by SIGSTOP") } }
                let before = try stops()
                try kill(device, SIGSTOP)
                try waitUntil("the daemon to stand still") { try stops() > before }
                page.word = number
                try kill(device, SIGCONT)
                try waitUntil("the page to be put right") { page.word == 0 }
                var after: [String] = []
                try waitUntil("what is kept of it", details: { "\(after)" }) {
                    after = try Array(trace().drop { !$0.contains("stopped by SIGSTOP") })
                    after = after.split { $0.contains("stopped by SIGSTOP") }.last.map(Array.init) ?? []
                    return after.contains { $0.hasPrefix("pwrite64(") }
                }
                // What somebody mounts meanwhile ends a wait as well, and no tick comes of that. None where it was stopped
                // when its wait was over.
                let ticks = after.prefix { !$0.hasPrefix("pwrite64(") }.filter { isWait($0) && hasTimedOut($0) }
                #expect(ticks.count <= 2, "\(after)")
            }
        }

        @Test func ticksComeOftenFromWhenAProgramMayHaveMappedThePageForWriting() throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try serve(device)
            try waitUntil("a tick of half a second", details: { "\((try? first()) ?? [])" }) {
                try patience(first(), last: 1).contains { (91...500).contains($0) }
            }
            let page = try WritablePage(device.path)
            // The wait that it was opened in may still be a long one.
            let before = try patience(first(), last: .max).count
            var often: [Int] = []
            try waitUntil("some ticks") {
                often = try patience(first(), last: .max)
                return often.count > before + 8
            }
            #expect(often.suffix(4).allSatisfy { $0 <= 90 }, "\(often)")
            try kill(device, SIGTERM)
            try waitUntil("the end of the daemon") { !device.exists }
            // A mapping of before the start.
            let second = try serve(device)
            var last: [Int] = []
            try waitUntil("some ticks") {
                last = try patience(second(), last: .max)
                return last.count > 5
            }
            #expect(last.allSatisfy { $0 <= 90 }, "\(last)")
            page.word = 7
            try waitUntil("the page to be put right") { page.word == 0 }
        }

        /// Programs wait for the generation; whoever reads the other attributes has time. A machine that is busy may be so
        /// late that both are due, but not a hundred times.
        @Test func theGenerationIsPublishedBeforeAllElseThatAChangeBrings() throws {
            let device = try TestDevice()
            defer { device.end() }
            let trace = try serve(device)
            var isByItself = false
            for _ in 0..<100 where !isByItself {
                let next = try #require(device.attribute("generation").flatMap(UInt32.init)) + 1
                try device.trigger()
                try waitUntil("generation \(next)") {
                    device.attribute("generation") == "\(next)"
                        && device.attribute("changes")?.contains(" \(next) ") == true
                }
                let lines = try trace().filter { isWait($0) || $0.hasPrefix("rename") }
                let place = try #require(lines.lastIndex { $0.contains("/generation\"") })
                isByItself = place + 1 < lines.count && isWait(lines[place + 1]) && isWait(lines[place - 1])
            }
            #expect(isByItself, "\((try? trace()) ?? [])")
        }
    }
}

/// The page of a device, mapped to be written to.
private final class WritablePage {
    private let file: CInt
    private let address: UnsafeMutablePointer<UInt32>

    init(_ path: String) throws {
        file = open(path, O_RDWR | O_CLOEXEC)
        try #require(file >= 0)
        let page = mmap(nil, 4_096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        try #require(page != MAP_FAILED)
        address = page!.assumingMemoryBound(to: UInt32.self)
    }

    deinit {
        munmap(address, 4_096)
        close(file)
    }

    var word: UInt32 {
        get { UnsafeRawPointer(address).load(as: UInt32.self) }
        set { address.pointee = newValue }
    }
}
