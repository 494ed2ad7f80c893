import Foundation
import TestSupport

/// What is done to the daemon and around it.
enum Fault: String, CaseIterable {
    // Those that leave the daemon what it is.
    case clientKilled = "clients killed in a call"
    case backendFileGone = "backend's file gone"
    case directoryFull = "runtime directory full"
    case logStalled = "log's pipe full"
    case stopped = "daemon stopped for a while"
    case lookAgain = "asked to look again"
    // Those that end it.
    case killed = "killed"
    case killedEarly = "killed while it starts"
    case restarted = "restarted"
    case resumedWhileGone = "resumed while there was none"

    var endsTheDaemon: Bool {
        switch self {
        case .killed, .killedEarly, .restarted, .resumedWhileGone: true
        default: false
        }
    }
}

extension Soak {
    /// Does it, and makes it good again.
    func perform(_ fault: Fault) throws {
        done[fault, default: 0] += 1
        switch fault {
        case .clientKilled: try killClient()
        case .backendFileGone:
            // What it shows is to be seen before.
            try awaitChanges()
            let aside = stage.identityFile + ".aside"
            rename(stage.identityFile, aside)
            pause(upTo: 1_500)
            // It may come back as another one.
            if Bool.random(using: &random) { try resume() } else { rename(aside, stage.identityFile) }
        case .directoryFull: try fillDirectory()
        case .logStalled:
            stage.log.stall()
            for _ in 1...20 {
                kill(stage.daemon, SIGHUP)
                usleep(2_000)
            }
            try change()
            stage.log.goOn()
        case .stopped:
            let daemon = stage.daemon
            kill(daemon, SIGSTOP)
            pause(upTo: 2_000)
            kill(daemon, SIGCONT)
        case .lookAgain: kill(stage.daemon, SIGHUP)
        case .killed: try stage.replace(by: SIGKILL)
        case .killedEarly: try killEarly()
        case .restarted: try stage.replace(by: SIGUSR1)
        case .resumedWhileGone: try resumeWhileGone()
        }
    }

    /// A client of its own that is killed wherever it is.
    private func killClient() throws {
        let command = ["read", "poll", "epoll", "track", "follow", "map"].randomElement(using: &random)!
        let client = try RunningProgram(Stage.program("TestClient"), [command, stage.path])
        pause(upTo: 200)
        client.end()
    }

    private func fillDirectory() throws {
        let filler = stage.runtimeDirectory + "/filler"
        if let file = fopen(filler, "w") {
            while fputs(String(repeating: "x", count: 4_096), file) >= 0, fflush(file) == 0 {}
            fclose(file)
        }
        defer { unlink(filler) }
        try change()
        try settle(isPublished: false)
    }

    private func killEarly() throws {
        let gone = stage.daemon
        kill(gone, SIGKILL)
        try stage.wait(for: "the next daemon") { stage.daemon != gone }
        pause(upTo: 60)
        try stage.replace(by: SIGKILL)
    }

    private func resumeWhileGone() throws {
        try awaitChanges()
        let (gone, before) = (stage.daemon, stage.served)
        stage.supervisor.signal(SIGUSR2)
        usleep(100_000)
        kill(gone, SIGKILL)
        try stage.wait(for: "the end of the daemon") { kill(gone, 0) != 0 }
        try resume()
        stage.supervisor.signal(SIGUSR2)
        try stage.wait(for: "a successor") { stage.served > before }
    }

    private func pause(upTo milliseconds: UInt32) {
        usleep(.random(in: 0...milliseconds, using: &random) * 1_000)
    }
}
