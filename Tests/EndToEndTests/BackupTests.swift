import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Tools that read every plain file, as the mappable device is one.
    @Suite struct Backups {
        /// An open with O_NOATIME is theirs: it does not wait.
        @Test(arguments: Kernel.allCases)
        func aReadThatSparesTheTimeOfAccessDoesNotWait(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tool = try device.client("backup")
            try tool.waitFor("ready\n")
            for generation in 1...2 {
                #expect(try tool.answer("read") == (generation == 1 ? "-1: \(Self.wouldBlock)" : "generation 1"))
                try device.trigger()
                #expect(try tool.answer("read") == "generation \(generation)")
            }
            // Others wait as before.
            let reader = try device.client("read")
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "3"])
        }

        /// The descriptor is what it was opened as for the next daemon, too.
        @Test(arguments: Kernel.allCases)
        func norDoesItAfterATakeover(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let manager = try Supervisor(device, kernel: kernel)
            let tool = try device.client("backup")
            try tool.waitFor("ready\n")
            #expect(try tool.answer("read") == "-1: \(Self.wouldBlock)")
            try manager.replace()
            #expect(try tool.answer("read") == "-1: \(Self.wouldBlock)")
        }

        private static var wouldBlock: String { String(cString: strerror(EAGAIN)) }
    }
}
