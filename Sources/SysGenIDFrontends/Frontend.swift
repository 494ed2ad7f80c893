public import SysGenIDSystem

/// One way in which clients see the device.
public protocol Frontend: AnyObject, Sendable {
    /// The name on the command line and in the published attributes.
    var name: String { get }

    /// Whether programs can map the counter page through this frontend. Known once it has started.
    var mapping: Mapping { get }

    /// Begins to serve. When it returns, programs can open the device.
    func start() throws(FrontendFailure)

    /// Whether the path of the device leads to this frontend. Where there are several, the last one is on top.
    var isReachable: Bool { get }

    /// Reports something exceptional, see `PollSet.awaitExceptions`, when `isReachable` may have changed; nil where it has
    /// to be looked at from time to time. Known once it has started.
    var placeDescriptor: CInt? { get }

    /// Readable when serving has ended without `stop`: the device was taken away by someone.
    var endDescriptor: CInt? { get }

    /// What has ended serving; nil where it was somebody who took the device away. To be asked when it has ended.
    var failure: String? { get }

    /// The threads that answer clients: where one of them does not get on, clients wait.
    var threads: [Thread] { get }

    /// What a successor can continue with; nil where there is nothing.
    var serving: (any ServingFrontend)? { get }

    /// Takes the device away from programs that look for it, and ends the frontend's thread. What the programs
    /// have open stays until the frontend is released.
    func stop()
}

/// A frontend that serves over a connection to the kernel, which a successor can continue with.
public protocol ServingFrontend: Frontend {
    var kind: FrontendKind { get }

    /// The descriptor of the connection. Whoever holds a copy keeps the device alive.
    var connection: CInt { get }
}

extension Frontend {
    public var serving: (any ServingFrontend)? { nil }
}

extension ServingFrontend {
    public var serving: (any ServingFrontend)? { self }
}

/// How programs can map the generation.
public enum Mapping: Hashable, Sendable {
    /// Through every descriptor.
    case native
    /// Through descriptors that are open for reading only.
    case readOnlyDescriptors
    /// Not at all.
    case none
}

/// Who may open the device.
public struct DeviceAccess: Hashable, Sendable {
    /// The lower twelve bits of the mode.
    public var permissions: UInt32
    public var groupID: UInt32

    public init(permissions: UInt32, groupID: UInt32) {
        self.permissions = permissions
        self.groupID = groupID
    }
}
