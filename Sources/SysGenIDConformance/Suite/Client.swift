internal import CConformanceClients
internal import Glibc

/// A process of its own that does one thing with the device, as an unmodified C program would.
///
/// Whatever happens to it, it does not outlive its row.
struct Client {
    private let process: client_process

    /// Starts a client that does the body's operation and reports the answer.
    ///
    /// - Parameter kept: the descriptors that it inherits. Every other one is closed, so that the client
    ///   holds open no watcher by chance.
    init(keeping kept: [CInt], _ body: @escaping () -> Answer) throws {
        process = try startChild(inOwnGroup: false, keeping: kept) { pipe in
            var answer = body()
            _ = Glibc.write(pipe, &answer, MemoryLayout<Answer>.size)
        }
    }

    /// The answer; the client is killed where it has none in time.
    func answer(within milliseconds: CInt = patience) -> Answer {
        var answer = Answer.blocked
        let count = withUnsafePointer(to: process) {
            client_receive($0, &answer, MemoryLayout<Answer>.size, milliseconds)
        }
        let status = kill()
        switch count {
        case MemoryLayout<Answer>.size: return answer
        case -1: return .blocked
        default: return .died(status.map { $0 & 0x7f } ?? 0)
        }
    }

    /// The client has to be without an answer, now and for a while.
    func expectBlocked(_ step: String = "blocks", for milliseconds: CInt = blockingTime) throws {
        guard let early = early(within: milliseconds) else { return }
        throw Mismatch(step: step, expected: "\(Answer.blocked)", got: "\(early)")
    }

    /// Sends a signal.
    func send(_ signal: CInt) {
        Glibc.kill(process.pid, signal)
    }

    /// Sends SIGUSR1 until there is an answer, since one signal may come before the operation has begun.
    func answerWhenInterrupted() -> Answer {
        for _ in 0..<patience / 20 where !hasEnded(within: 20) { send(SIGUSR1) }
        return answer(within: 0)
    }

    /// Kills the client and waits for its end; its wait status, nil where it does not end.
    @discardableResult
    func kill() -> CInt? {
        let status = withUnsafePointer(to: process) { client_end($0, patience) }
        return status == -1 ? nil : status
    }

    private func early(within milliseconds: CInt) -> Answer? {
        hasEnded(within: milliseconds) ? answer(within: 0) : nil
    }

    private func hasEnded(within milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: process.pipe, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) == 1
    }
}

/// Starts a child of this process that runs the body with the writing end of its pipe.
func startChild(
    inOwnGroup: Bool, keeping kept: [CInt], _ body: @escaping (_ pipe: CInt) -> Void
) throws -> client_process {
    var process = client_process()
    let result = withUnsafePointer(to: body) { body in
        client_start(
            &process, inOwnGroup, kept, kept.count,
            { pipe, body in body!.assumingMemoryBound(to: ((CInt) -> Void).self).pointee(pipe) },
            UnsafeMutableRawPointer(mutating: body))
    }
    guard result == 0 else {
        throw Mismatch(step: "fork", expected: "a child process", got: errnoName(errno))
    }
    return process
}
