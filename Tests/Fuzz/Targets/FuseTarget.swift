import Glibc
import StateModel
import SysGenIDCore
import SysGenIDSystem

@testable import SysGenIDFrontends

extension FuzzTarget {
    /// A session, from the kernel's messages to the service and back. The bytes choose the messages, and how they are
    /// damaged. The replies have to be well-formed, one a request, and the service has to work afterwards.
    static let fuse = FuzzTarget(name: "fuse") { bytes in
        var choices = ByteChoices(bytes)
        let kernel = try ScriptedKernel(serving: .allCases[choices.number(below: 3)])
        var source = MessageSource(choices, of: kernel.kind)
        var messages = choices.number(below: 8) == 7 ? [] : [source.handshake()]
        while source.canGoOn, messages.count < 64 { messages.append(source.message()) }
        for message in messages where try !kernel.send(message) { break }
        try kernel.settle()
        let hasOpened = kernel.watcherCount > 0
        try demand(kernel.watcherCount <= ScriptedKernel.limits.watchers, "\(kernel.watcherCount) watchers")
        try demand(kernel.parkedCount <= ScriptedKernel.limits.parked, "\(kernel.parkedCount) parked requests")
        if kernel.isServed { try kernel.useAll(source) }
        try kernel.end()
        return hasOpened
    }
}

extension ScriptedKernel {
    /// Closes what is open, and does with a new file what a program would do.
    fileprivate func useAll(_ source: MessageSource) throws {
        var source = source
        _ = try ask(source.end())
        _ = try ask(source.handshake())
        for watcher in openWatchers { _ = try ask(source.release(watcher)) }
        try demand(watcherCount == 0 && parkedCount == 0, "\(watcherCount) watchers, \(parkedCount) parked at the end")
        let before = service.current
        let opening = try ask(source.open())
        try demand(opening.error == 0 && opening.body.count == 16, "no open: \(opening)")
        let watcher = WatcherID(rawValue: opening.body.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        try demand(try ask(source.read(watcher)).error == -EAGAIN, "a read of a new watcher")
        let trigger = try ask(source.trigger(watcher, thread: getpid()))
        let isPermitted = TriggerPermission().isGranted(to: getpid())
        try demand(trigger.error == (isPermitted ? 0 : -EACCES), "a trigger: \(trigger)")
        try demand(service.current == (isPermitted ? before.next() : before), "generation \(service.current)")
        guard isPermitted else { return }
        let reading = try ask(source.read(watcher))
        try demand(reading.body == bytes(of: service.current), "a read of \(service.current): \(reading)")
        try demand(try ask(source.write(watcher, bytes(of: service.current))).error == 0, "an acknowledgement")
        try demand(try ask(source.read(watcher)).error == -EAGAIN, "a read after the acknowledgement")
    }

    private func bytes(of generation: Generation) -> [UInt8] { withUnsafeBytes(of: generation.rawValue, Array.init) }
}
