import SysGenID
import SysGenIDSystem

/// Runs one hook at a time, each in a process group of its own, and takes what it prints.
///
/// When a hook has ended, what it has left behind in its group is ended, too: a program that is to stay belongs to the
/// service manager.
final class HookRunner {
    private struct Running {
        var child: ChildProcess
        var output = HookOutput()
    }

    private var running: Running?
    private var pipe: OwnedDescriptor?

    /// Where programs are looked for by hooks.
    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// How much is taken of the output at a time, in bytes.
    private static let portion = 16_384
    /// How much is taken when the hook has ended: as much as a pipe can hold, and more.
    private static let lastPortions = 128

    /// Readable while there is output; nil where no hook runs, or all was taken.
    var descriptor: CInt? { pipe.borrowed }

    /// Starts a hook, whose end is told by SIGCHLD.
    func start(
        _ hook: Hook, _ phase: Phase, _ generation: Generation, _ cause: Cause
    ) throws(SystemCallFailure) -> ChildProcess {
        let pipe = try OutputPipe()
        let child = try ChildProcess(
            inGroupOfItsOwn: hook.path,
            environment: [
                "PATH": Self.path, "LANG": "C.UTF-8", "SYSGENID_PHASE": phase.rawValue,
                "SYSGENID_GENERATION": "\(generation)", "SYSGENID_CAUSE": cause.rawValue,
            ],
            output: pipe.writingEnd)
        running = Running(child: child)
        self.pipe = pipe.onlyReading()
        return child
    }

    /// Ends the hook with all of its group. That it has ended is told as ever.
    func end() {
        running?.child.endGroup()
    }

    /// Takes what was printed since the last time, as lines.
    func takeOutput() -> [String] {
        takeOutput(portions: 1)
    }

    /// Takes the end of the hook; nil where it still runs, or where none does.
    ///
    /// - Returns: how it ended, and the last lines that it has printed.
    func takeEnd() -> (end: ChildProcess.End, lines: [String])? {
        guard let end = running?.child.takeEndWithGroup() else { return nil }
        // Who has left the group may keep the pipe for ever.
        let lines = takeOutput(portions: Self.lastPortions) + (running?.output.finish() ?? [])
        running = nil
        pipe = nil
        return (end, lines)
    }

    private func takeOutput(portions: Int) -> [String] {
        var lines: [String] = []
        for _ in 0..<portions {
            guard let bytes = try? pipe?.read(upTo: Self.portion) else { break }
            guard !bytes.isEmpty else {
                // Nobody has it open any more.
                pipe = nil
                break
            }
            lines += running?.output.take(bytes) ?? []
        }
        return lines
    }
}

extension OwnedDescriptor? {
    /// The number, borrowed; nil where there is none.
    fileprivate var borrowed: CInt? {
        switch self {
        case .some(let descriptor): descriptor.rawValue
        case .none: nil
        }
    }
}
