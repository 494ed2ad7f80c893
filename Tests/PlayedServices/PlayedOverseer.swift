import SysGenIDSystem
public import SysGenIDVarlink
import TestSupport

/// A service, on a thread of its own, that answers what a test says.
public final class PlayedOverseer: Sendable {
    /// Where it listens.
    public let path: String
    // Sendable: it is not changed after it was made.
    nonisolated(unsafe) private let scratch: Scratch
    private let loop: Loop
    private let thread: Thread

    private final class Loop: Sendable {
        let end: EventSignal

        init() throws {
            end = try EventSignal()
        }
    }

    /// - Parameters:
    ///   - description: of its interface.
    ///   - answer: what is answered to a call; nil leaves it without an answer.
    public init(
        _ description: String, answer: @escaping @Sendable (VarlinkCall) -> VarlinkReply?
    ) throws {
        let (interface, loop) = (try VarlinkInterface(description), try Loop())
        scratch = try Scratch()
        path = scratch.path("overseer")
        let socket = try ListeningSocket(at: path, permissions: 0o600)
        let information = ServiceInformation(vendor: "", product: "played", version: "", url: "")
        thread = try Thread(named: "overseer") {
            guard var server = try? VarlinkServer([interface], of: information, at: [socket]) else { return }
            let end = loop.end.descriptor.rawValue
            while !waitUntilReadable([server.descriptor, end]).contains(end) {
                for case .called(let id, let call) in server.take() {
                    if let reply = answer(call) { server.answer(id, with: reply) }
                }
            }
        }
        self.loop = loop
    }

    deinit {
        loop.end.raise()
        thread.join()
    }
}

/// The monitor of a virtual machine: a socket behind which each connection reaches a service, after a line that asks for a
/// port. See docs/vsock.md of Firecracker.
public final class PlayedMonitor: Sendable {
    /// Where it listens.
    public let path: String
    // Sendable: it is not changed after it was made.
    nonisolated(unsafe) private let scratch: Scratch
    private let loop: Loop
    private let thread: Thread

    private final class Loop: Sendable {
        let end: EventSignal
        let requests = Lock<[String]>([])

        init() throws {
            end = try EventSignal()
        }
    }

    /// The lines that callers have sent.
    public var requests: [String] { loop.requests.withLock { $0 } }

    /// - Parameters:
    ///   - service: the path of the socket behind it.
    ///   - greeting: what is said before; nil closes the connection instead.
    ///   - refusals: so many connections are closed before one is served, as while nobody listens in the machine.
    public init(before service: String, greeting: String?, refusals: Int = 0) throws {
        let loop = try Loop()
        scratch = try Scratch()
        path = scratch.path("monitor")
        let socket = try ListeningSocket(at: path, permissions: 0o600)
        thread = try Thread(named: "monitor") {
            let end = loop.end.descriptor.rawValue
            var refusals = refusals
            while !waitUntilReadable([socket.descriptor.rawValue, end]).contains(end) {
                guard let (caller, _) = try? socket.accept() else { continue }
                var line: [UInt8] = []
                while line.last != UInt8(ascii: "\n") {
                    if waitUntilReadable([caller.descriptor.rawValue, end]).contains(end) { return }
                    guard let byte = try? caller.receive(upTo: 1), !byte.isEmpty else { break }
                    line += byte
                }
                loop.requests.withLock { $0.append(String(decoding: line.dropLast(), as: UTF8.self)) }
                refusals -= 1
                guard refusals < 0, let greeting else { continue }
                _ = try? caller.send(Array(greeting.utf8)[...])
                guard let machine = try? StreamSocket(connectingTo: .local(path: service), until: nil) else { continue }
                Self.pass(between: caller, machine, until: end)
            }
        }
        self.loop = loop
    }

    /// Passes on what each says, until one is gone.
    private static func pass(between first: StreamSocket, _ second: StreamSocket, until end: CInt) {
        let numbers = [first.descriptor.rawValue, second.descriptor.rawValue]
        while true {
            let ready = waitUntilReadable(numbers + [end])
            if ready.contains(end) { return }
            for (from, to) in [(first, second), (second, first)] where ready.contains(from.descriptor.rawValue) {
                guard let bytes = try? from.receive(upTo: 4_096), !bytes.isEmpty else { return }
                _ = try? to.send(bytes[...])
            }
        }
    }

    deinit {
        loop.end.raise()
        thread.join()
    }
}
