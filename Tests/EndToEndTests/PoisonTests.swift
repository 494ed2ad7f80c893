import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What a successor makes of what has ended its predecessors, or was agreed on otherwise.
    @Suite struct Poison {
        /// The parked request stands for one over which daemons end: the memory says that each died while it served it.
        @Test(arguments: Kernel.allCases)
        func theRequestOverWhichDaemonsEndIsRefusedAndNobodyElse(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let poisoned = try device.client("read")
            let other = try device.client("read")
            try device.answerOneMore()
            // It is the fourth, and served once more.
            try daemon.whileGone { try daemon.memory().blameTheFirstParkedRequest(andBefore: 3) }
            try device.answerOneMore()
            #expect(poisoned.lines == ["ready"])
            try daemon.whileGone { try daemon.memory().blameTheFirstParkedRequest(andBefore: 4) }
            #expect(try poisoned.exitCode() == EIO)
            try daemon.waitFor("was refused: the last daemons have ended over it")
            #expect(!daemon.text.contains("starting afresh"))
            #expect(other.lines == ["ready"])
            try device.trigger()
            #expect(try other.exitCode() == 0)
            #expect(other.lines == ["ready", "1"])
            // The next one is not held responsible for it.
            let next = try device.client("read")
            try daemon.replace()
            #expect(next.isRunning)
        }

        /// The program keeps the device open and asks for nothing more, so that nothing comes from the kernel after it.
        @Test func afterTheRefusedRequestNothingIsWaitedForToHaveCaughtUp() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let program = try RunningProgram(
                "/usr/bin/python3",
                [
                    "-uc",
                    """
                    import os, sys
                    file = os.open(sys.argv[1], os.O_RDONLY)
                    try: os.read(file, 4)
                    except OSError as error: print(f"errno {error.errno}.")
                    sys.stdin.read()
                    """, device.path,
                ])
            try waitUntil("the read") { try daemon.memory().hasParked() }
            try daemon.whileGone { try daemon.memory().blameTheFirstParkedRequest(andBefore: 4) }
            try program.waitFor("errno \(EIO).")
            try waitUntil("the end of catching up", details: { daemon.text }) { try daemon.memory().suspect() == 0 }
            #expect(program.isRunning)
        }

        @Test func aRequestThatWasServedMeanwhileIsNotHeldResponsible() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let reader = try device.client("read")
            try device.answerOneMore()
            for _ in 1...6 {
                try daemon.whileGone { try daemon.memory().blame() }
                // This daemon has served all that was left.
                try device.answerOneMore()
            }
            #expect(reader.lines == ["ready"])
        }

        @Test(arguments: Kernel.allCases)
        func whatWasAgreedOnOtherwiseIsNotContinued(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            try device.trigger()
            let reader = try device.client("read")
            try daemon.whileGone { try daemon.memory().agreeOnAsynchronousReads() }
            try daemon.waitFor("has agreed with the kernel on something else (flags)")
            #expect(try reader.exitCode() != 0)
            // What is served now was agreed on anew, and goes on.
            let next = try device.client("read")
            try daemon.replace()
            try device.trigger()
            #expect(try next.exitCode() == 0)
            #expect(next.lines == ["ready", "2"])
            #expect(daemon.text.components(separatedBy: "something else").count == 2)
        }
    }
}

extension TestDevice {
    /// Lets the daemon serve a request that is surely a new one: what was asked before is served, or parked, by then. A client
    /// that sleeps may wait for a daemon that has not come to its request yet.
    fileprivate func answerOneMore() throws {
        let file = open(path, O_RDONLY | O_NONBLOCK)
        try #require(file >= 0)
        defer { close(file) }
        var word: UInt32 = 0
        #expect(read(file, &word, 4) == -1 && errno == EAGAIN)
    }
}
