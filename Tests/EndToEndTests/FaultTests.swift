import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What can go wrong around the daemon, and what has to come of it.
    @Suite struct Faults {
        /// A device whose runtime directory is a file system of its own.
        private func withOwnFileSystem(_ body: (TestDevice) throws -> Void) throws {
            let device = try TestDevice()
            defer { device.end() }
            try FileManager.default.createDirectory(atPath: device.runtimeDirectory, withIntermediateDirectories: true)
            try #require(mount("tmpfs", device.runtimeDirectory, "tmpfs", 0, "size=256k,mode=755") == 0)
            defer { umount2(device.runtimeDirectory, Int32(MNT_DETACH)) }
            try body(device)
        }

        @Test func aFullRuntimeDirectoryStopsNoChangeAndNoSuccessor() throws {
            try withOwnFileSystem { device in
                let daemon = try device.serve()
                let filler = device.runtimeDirectory + "/filler"
                let file = try #require(fopen(filler, "w"))
                while fputs(String(repeating: "x", count: 4_096), file) >= 0, fflush(file) == 0 {}
                fclose(file)

                let reader = try device.client("read")
                try device.trigger()
                #expect(try reader.exitCode() == 0)
                #expect(reader.lines == ["ready", "1"])
                #expect(try device.mapped() == 1)
                try daemon.waitFor("the attributes cannot be published")
                #expect(device.attribute("generation") == "0")

                // What a successor needs was there before the disk was full.
                daemon.signal(SIGKILL)
                _ = try daemon.exitCode()
                let next = try device.serve()
                #expect(try device.mapped() == 1)
                try FileManager.default.removeItem(atPath: filler)
                try device.trigger()
                try waitUntil("the attributes") { device.attribute("generation") == "2" }
                next.signal(SIGTERM)
                #expect(try next.exitCode() == 0)
            }
        }

        @Test func aRuntimeDirectoryThatBecomesReadOnlyIsToldAndClientsAreServed() throws {
            try withOwnFileSystem { device in
                let daemon = try device.serve()
                let flags = UInt(MS_REMOUNT | MS_RDONLY)
                // The daemon has its state open for writing, and the kernel refuses that: a bind mount does not.
                let isRefused = mount("", device.runtimeDirectory, "", flags, "") != 0
                #expect(isRefused && errno == EBUSY)
                try #require(mount(device.runtimeDirectory, device.runtimeDirectory, "", UInt(MS_BIND), "") == 0)
                defer { umount2(device.runtimeDirectory, Int32(MNT_DETACH)) }
                try #require(mount("", device.runtimeDirectory, "", flags | UInt(MS_BIND), "") == 0)

                let poller = try device.client("poll")
                try device.trigger()
                #expect(try poller.exitCode() == 0)
                #expect(try device.mapped() == 1)
                try daemon.waitFor("the attributes cannot be published")
                umount2(device.runtimeDirectory, Int32(MNT_DETACH))
                try device.trigger()
                try waitUntil("the attributes") { device.attribute("generation") == "2" }
                #expect(daemon.lines.filter { $0.contains("cannot be published") }.count == 1)
            }
        }

        @Test(arguments: Kernel.allCases)
        func anAbortedConnectionFreesTheClientsAndEndsTheDaemon(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            let reader = try device.client("read")
            let poller = try device.client("poll")
            try device.abortConnection()
            #expect(try reader.exitCode() != 0)
            #expect(try poller.exitCode() == 0)
            #expect(poller.text.contains("POLLERR"))
            #expect(try daemon.exitCode() == 1)
            try daemon.waitFor("was taken away")
            #expect(!device.isMounted)
            try device.serve(kernel: kernel)
            #expect(try device.mapped() == 0)
        }

        @Test func aDaemonThatStandsStillForTenSecondsLosesNothing() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let daemon = try device.serve("--backend", "file", "--backend-file", device.identityFile)
            let reader = try device.client("read")
            let overseer = try device.client("wait")
            daemon.signal(SIGSTOP)
            try device.setIdentity(2)
            sleep(10)
            #expect(reader.lines == ["ready", "1"])
            daemon.signal(SIGCONT)
            // The overseer has made the first change, and the resume is the second: it ends its wait.
            #expect(try overseer.exitCode() == EINTR)
            try waitUntil("the resume") { device.attribute("generation") == "2" }
            #expect(try device.mapped() == 2)
            #expect(daemon.isRunning)
        }

        @Test func aVanishedIdentityIsToldAndItsReturnIsNoResume() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let daemon = try device.serve("--backend", "file", "--backend-file", device.identityFile)
            try FileManager.default.removeItem(atPath: device.identityFile)
            try daemon.waitFor("cannot read \(device.identityFile)")
            try device.trigger()
            try device.setIdentity(1)
            try daemon.waitFor("it can be read again")
            #expect(try device.mapped() == 1)
        }
    }
}
