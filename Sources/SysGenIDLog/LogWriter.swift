internal import Synchronization
public import SysGenIDSystem

/// Writes the lines of the log to standard error, on a thread of its own: whoever reads them slowly, or not at all, holds
/// up nobody but this thread.
///
/// Standard error may be shared with others, so it stays as it is, and a write to it may wait for ever: for a pipe that
/// nobody reads, a terminal that is stopped, a disk that hangs. What there is no room for meanwhile is left out and
/// counted, and so is what cannot be written, as to a full disk. How much that was is told as soon as a line can be
/// written again.
public final class LogWriter: Sendable {
    /// How many bytes of lines wait at most.
    private static let capacity = 1 << 18

    private let queue = Lock(Queue())
    private let hasWork: EventSignal
    private let isFinishing = Atomic(false)
    private let thread = Lock<Thread?>(nil)
    private let remark: @Sendable (_ leftOut: Int) -> String

    private struct Queue {
        /// Whole lines, each with its end.
        var bytes: [UInt8] = []
        /// How many lines found no room behind these.
        var leftOut = 0
    }

    /// - Parameter remark: the line, with its end, that tells how many lines were left out.
    init(remark: @escaping @Sendable (_ leftOut: Int) -> String) throws(SystemCallFailure) {
        self.remark = remark
        hasWork = try EventSignal()
    }

    /// Takes a line, with its end. It never waits.
    public func add(_ line: String) {
        queue.withLock { queue in
            if queue.bytes.count + line.utf8.count <= Self.capacity {
                queue.bytes.append(contentsOf: line.utf8)
            } else {
                queue.leftOut += 1
            }
        }
        hasWork.raise()
    }

    /// Begins to write, also what was taken before.
    public func start() throws(SystemCallFailure) {
        let started = try Thread(named: "log", keeping: []) { [self] in
            var output = Output(remark: remark)
            var wakers = PollSet([hasWork.descriptor.rawValue])
            while !isFinishing.load(ordering: .acquiring) {
                _ = wakers.wait()
                hasWork.clear()
                write(by: &output)
            }
            write(by: &output)
        }
        thread.withLock { $0 = started }
    }

    /// Writes what is left, and ends. A thread that still waits for a reader when the time is over is left behind.
    public func finish(within milliseconds: CInt) {
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let started else {
            // It did not come to a start, which whoever has tried it wants to read.
            var output = Output(remark: remark)
            return write(by: &output)
        }
        isFinishing.store(true, ordering: .releasing)
        hasWork.raise()
        let deadline = MonotonicClock.now() + UInt64(milliseconds) * 1_000_000
        var end = PollSet([started.endDescriptor])
        // A signal ends a wait early.
        while !end.wait(until: deadline) {
            guard MonotonicClock.now() < deadline else { return }
        }
        started.join()
    }

    private func write(by output: inout Output) {
        while true {
            let taken = queue.withLock { queue in
                defer { queue = Queue() }
                return queue
            }
            guard !taken.bytes.isEmpty || taken.leftOut > 0 else { return }
            for line in taken.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
                output.write(line: line)
            }
            output.leaveOut(taken.leftOut)
        }
    }
}

/// Lines that go out one by one, and how many did not.
private struct Output {
    let remark: (Int) -> String
    private var leftOut = 0
    /// Whether the last line was cut off.
    private var isCut = false

    init(remark: @escaping (Int) -> String) {
        self.remark = remark
    }

    /// Writes the line, with one call where the stream takes it: so it stays whole among those of other programs.
    mutating func write(line: ArraySlice<UInt8>) {
        guard tell(), put(line + [UInt8(ascii: "\n")]) else { return leftOut += 1 }
    }

    /// That many lines were left out here.
    mutating func leaveOut(_ count: Int) {
        leftOut += count
        _ = tell()
    }

    /// Tells what was left out; whether that is told.
    private mutating func tell() -> Bool {
        guard leftOut > 0 else { return true }
        guard put(Array(remark(leftOut).utf8)[...]) else { return false }
        leftOut = 0
        return true
    }

    private mutating func put(_ line: ArraySlice<UInt8>) -> Bool {
        let bytes = isCut ? [UInt8(ascii: "\n")] + line : line
        let written = StandardStream.error.write(bytes)
        if written > 0 { isCut = written < bytes.count }
        return written == bytes.count
    }
}
