public import SysGenIDCore
public import SysGenIDSystem

/// The backend of systems whose resumes only a client notices: it reports nothing, and the generation
/// changes by ioctl alone. It has nothing to look at again.
public struct ManualBackend: Backend {
    public init() {}

    public var name: String { "manual" }

    public func run(
        until stop: borrowing EventSignal, lookingAgainAt prompt: borrowing EventSignal,
        rehearse: (Identity) -> Void, report: (BackendReport) -> Recognition?
    ) {
        _ = report(.hasLooked)
        while waitUntilReadable([stop.descriptor.rawValue]).isEmpty {}
    }
}
