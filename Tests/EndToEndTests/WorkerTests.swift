import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Servers whose workers are forks of one process: each of these is waited for, though they share what was opened
    /// before.
    @Suite struct Workers {
        @Test(arguments: WorkerProgram.allCases, Kernel.allCases)
        func anOverseerWaitsForEachWorker(_ kind: WorkerProgram, _ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let server = try Server(kind, of: device)
            try server.expect("0 fork", "0: fork: 1")
            try server.expect("0 fork", "0: fork: 2")
            // The first look of a worker is a change, whatever the generation is.
            try server.expect("1 wait", "1: wait: 1, generation 0")
            try server.expect("1 acknowledge", "1: acknowledge: 1, generation 0")
            try server.expect("1 wait", "1: wait: 0, generation 0")

            // It comes before the second worker has looked for the first time.
            try device.trigger()
            try server.expect("1 wait", "1: wait: 1, generation 1")
            try server.expect("1 acknowledge", "1: acknowledge: 1, generation 1")
            try expectOutdated(device)
            try server.expect("2 wait", "2: wait: 1, generation 1")
            try server.expect("0 wait", "0: wait: 1, generation 1")
            try server.expect("0 acknowledge", "0: acknowledge: 1, generation 1")
            try server.expect("2 acknowledge", "2: acknowledge: 1, generation 1")
            try expectReadjusted(device)

            for generation in 2...3 {
                try device.trigger()
                for process in [2, 0, 1] {
                    try expectOutdated(device)
                    try server.expect("\(process) wait", "\(process): wait: 1, generation \(generation)")
                    try server.expect("\(process) acknowledge", "\(process): acknowledge: 1, generation \(generation)")
                    try server.expect("\(process) wait", "\(process): wait: 0, generation \(generation)")
                }
                try expectReadjusted(device)
            }
        }

        /// The parent acknowledges nothing, as one that has closed its watch: then no moment is left in which a worker is
        /// not waited for.
        @Test(arguments: WorkerProgram.allCases)
        func aChangeBeforeTheFirstLookIsWaitedFor(_ kind: WorkerProgram) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let server = try Server(kind, of: device)
            try server.expect("0 fork", "0: fork: 1")
            try server.expect("0 fork", "0: fork: 2")
            if kind.canClose { try server.expect("0 close", "0: close: 0, generation 0") }
            try device.trigger()
            for worker in [1, 2] {
                try expectOutdated(device)
                try server.expect("\(worker) wait", "\(worker): wait: 1, generation 1")
                try expectOutdated(device)
                try server.expect("\(worker) acknowledge", "\(worker): acknowledge: 1, generation 1")
            }
            if !kind.canClose {
                try expectOutdated(device)
                try server.expect("0 wait", "0: wait: 1, generation 1")
                try server.expect("0 acknowledge", "0: acknowledge: 1, generation 1")
            }
            try expectReadjusted(device)
        }

        @Test(arguments: WorkerProgram.allCases)
        func aWorkerThatHasNotLookedAcknowledgesNothing(_ kind: WorkerProgram) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let server = try Server(kind, of: device)
            try device.trigger()
            try server.expect("0 wait", "0: wait: 1, generation 1")
            try server.expect("0 fork", "0: fork: 1")
            try server.expect("1 acknowledge", "1: acknowledge: 0, generation 1")
            try expectOutdated(device)
            try server.expect("0 acknowledge", "0: acknowledge: 1, generation 1")
            try server.expect("1 wait", "1: wait: 1, generation 1")
            try device.trigger()
            // Renewed for a generation that is no longer the current one.
            try server.expect("1 acknowledge", "1: acknowledge: \(kind.isToldOfLateness ? 0 : 1), generation 1")
            try server.expect("0 wait", "0: wait: 1, generation 2")
            try server.expect("0 acknowledge", "0: acknowledge: 1, generation 2")
            try expectOutdated(device)
            try server.expect("1 wait", "1: wait: 1, generation 2")
            try server.expect("1 acknowledge", "1: acknowledge: 1, generation 2")
            try expectReadjusted(device)
        }

        @Test(arguments: [WorkerProgram.c, .cxx])
        func aWorkerWithoutRightsGoesOnByReading(_ kind: WorkerProgram) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let server = try Server(kind, of: device)
            try server.expect("0 fork", "0: fork: 1")
            try server.expect("0 close", "0: close: 0, generation 0")
            try server.expect("1 drop", "1: drop: 0, generation 0")
            try server.expect("1 wait", "1: wait: 1, generation 0")
            try server.expect("1 acknowledge", "1: acknowledge: 1, generation 0")
            for generation in 1...2 {
                try device.trigger()
                try expectOutdated(device)
                try server.expect("1 wait", "1: wait: 1, generation \(generation)")
                try server.expect("1 acknowledge", "1: acknowledge: 1, generation \(generation)")
                try expectReadjusted(device)
            }
        }

        @Test(arguments: [WorkerProgram.c, .cxx])
        func aWorkerThatLooksFirstAfterTheDaemonsEndIsToldByTheNextOne(_ kind: WorkerProgram) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let server = try Server(kind, of: device)
            try server.expect("0 fork", "0: fork: 1")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            try server.expect("1 wait", "1: wait: \(String(cString: strerror(ENOTCONN)))")
            try device.serve()
            try server.expect("0 reconnect", "0: reconnect: 0, generation 0")
            try server.expect("1 reconnect", "1: reconnect: 1, generation 0")
            try server.expect("1 wait", "1: wait: 1, generation 0")
            try server.expect("1 acknowledge", "1: acknowledge: 1, generation 0")
            try device.trigger()
            try server.expect("0 wait", "0: wait: 1, generation 1")
            try server.expect("0 acknowledge", "0: acknowledge: 1, generation 1")
            try expectOutdated(device)
            try server.expect("1 wait", "1: wait: 1, generation 1")
            try server.expect("1 acknowledge", "1: acknowledge: 1, generation 1")
            try expectReadjusted(device)
        }

        /// The descriptor of a watcher in Swift is the same in all processes, and tells each of its own changes.
        @Test(arguments: [WorkerProgram.swift, .readingSwift])
        func theDescriptorTellsEachWorker(_ kind: WorkerProgram) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let server = try Server(kind, of: device)
            try server.expect("0 fork", "0: fork: 1")
            try server.expect("1 wait", "1: wait: 1, generation 0")
            try server.expect("1 acknowledge", "1: acknowledge: 1, generation 0")
            for generation in 1...2 {
                for process in [0, 1] {
                    try server.expect("\(process) poll", "\(process): poll: 0, generation \(generation - 1)")
                }
                try device.trigger()
                for process in [1, 0] {
                    try server.expect("\(process) poll", "\(process): poll: 1, generation \(generation - 1)")
                    try server.expect("\(process) wait", "\(process): wait: 1, generation \(generation)")
                    try server.expect("\(process) poll", "\(process): poll: 0, generation \(generation)")
                    try server.expect("\(process) acknowledge", "\(process): acknowledge: 1, generation \(generation)")
                }
                try expectReadjusted(device)
            }
        }

        private func expectOutdated(_ device: TestDevice) throws {
            #expect(try device.control("wait", "--timeout", "20").exitCode() == 3)
        }

        private func expectReadjusted(_ device: TestDevice) throws {
            #expect(try device.control("wait", "--timeout", TestDevice.untilTheCap).exitCode() == 0)
        }
    }
}

/// A program with workers.
enum WorkerProgram: String, CaseIterable, CustomTestStringConvertible {
    case c, cxx, readingC, swift, readingSwift

    var testDescription: String { rawValue }

    /// In Swift a watcher is closed with its last owner, which the program keeps.
    var canClose: Bool { self != .swift && self != .readingSwift }

    /// A watcher in Swift that is open for reading and was not outdated is up to date; it is told of the next change.
    var isToldOfLateness: Bool { self != .readingSwift }
}

/// A running one.
private struct Server {
    private let program: RunningProgram

    init(_ kind: WorkerProgram, of device: TestDevice) throws {
        program =
            switch kind {
            case .c: try Self.header(as: .c, flags: "2", device)
            case .cxx: try Self.header(as: .cxx, flags: "2", device)
            case .readingC: try Self.header(as: .c, flags: "3", device)
            case .swift: try device.run("LibraryClient", ["workers", device.path, device.runtimeDirectory])
            case .readingSwift:
                try device.run("LibraryClient", ["reading-workers", device.path, device.runtimeDirectory])
            }
        try program.waitFor("ready\n")
    }

    private static func header(
        as language: Language, flags: String, _ device: TestDevice
    ) throws -> RunningProgram {
        let program = try device.compile("Tests/Header/header.c", as: language)
        return try device.run(program, ["workers", device.path, flags, device.runtimeDirectory])
    }

    func expect(_ line: String, _ answer: String) throws {
        #expect(try program.answer(line) == answer, "\(program.text)")
    }
}
