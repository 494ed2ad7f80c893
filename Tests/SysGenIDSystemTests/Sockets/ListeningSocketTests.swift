import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import SysGenIDSystem

@Suite("A socket that listens")
struct ListeningSocketTests {
    private let scratch: Scratch
    private let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("socket")
    }

    @Test func whoConnectsIsKnown() throws {
        let listener = try ListeningSocket(at: path, permissions: 0o600)
        #expect(listener.kind == .local)
        #expect(try listener.accept() == nil)
        let caller = try StreamSocket(connectingTo: .local(path: path), until: nil)
        let (socket, peer) = try #require(try listener.accept())
        #expect(peer == .process(uid: getuid(), gid: getgid(), pid: getpid()))
        #expect(try socket.receive(upTo: 10) == nil)
        #expect(try caller.send([1, 2, 3]) == 3)
        #expect(awaitReadable([socket.descriptor.rawValue]) == [socket.descriptor.rawValue])
        #expect(try socket.receive(upTo: 2) == [1, 2])
        #expect(try socket.receive(upTo: 2) == [3])
        try caller.endSending()
        #expect(try socket.receive(upTo: 2) == [])
    }

    @Test func ofOneThatIsGoneNothingIsTaken() throws {
        let listener = try ListeningSocket(at: path, permissions: 0o600)
        var caller: StreamSocket? = try StreamSocket(connectingTo: .local(path: path), until: nil)
        let (socket, _) = try #require(try listener.accept())
        #expect(caller != nil)
        caller = nil
        #expect(throws: Errno.brokenPipe) { try socket.send([1]) }
    }

    @Test func itHasItsPermissionsAndGoesWithItsName() throws {
        var listener: ListeningSocket? = try ListeningSocket(at: path, permissions: 0o660, group: getgid())
        #expect(listener != nil)
        let status = try Files.status(path)
        #expect(status.kind == .socket && status.permissions == 0o660 && status.groupID == getgid())
        #expect(scratch.names == ["socket"])
        listener = nil
        #expect(scratch.names == [])
    }

    @Test func itTakesThePlaceOfOneBeforeAndLeavesThatOfOneAfter() throws {
        var first: ListeningSocket? = try ListeningSocket(at: path, permissions: 0o600)
        #expect(first != nil)
        let second = try ListeningSocket(at: path, permissions: 0o600)
        first = nil
        _ = try StreamSocket(connectingTo: .local(path: path), until: nil)
        #expect(try second.accept() != nil)
    }

    @Test func whereNobodyListensThatIsSaid() throws {
        let failure = #expect(throws: SystemCallFailure.self) {
            try StreamSocket(connectingTo: .local(path: path), until: nil)
        }
        #expect(failure?.errno == .noSuchFileOrDirectory && failure?.subject == path)
        let long = #expect(throws: SystemCallFailure.self) {
            try ListeningSocket(at: scratch.path(String(repeating: "x", count: 108)), permissions: 0o600)
        }
        #expect(long?.errno == .fileNameTooLong)
        #expect(throws: SystemCallFailure.self) {
            try StreamSocket(connectingTo: .local(path: "x\0y"), until: nil)
        }
    }

    /// Of a socket whose queue is full.
    @Test func aConnectionThatIsNotTakenEndsInTime() throws {
        let listener = try ListeningSocket(at: path, permissions: 0o600)
        let path = path
        var callers: [StreamSocket] = []
        while waitUntilReadable([listener.descriptor.rawValue], milliseconds: 0).isEmpty || callers.count <= 128 {
            callers.append(try StreamSocket(connectingTo: .local(path: path), until: nil))
        }
        let failure = #expect(throws: SystemCallFailure.self) {
            while true {
                callers.append(
                    try StreamSocket(connectingTo: .local(path: path), until: MonotonicClock.now() + 20_000_000))
            }
        }
        #expect(failure?.errno == .wouldBlock)
    }

    @Test(.enabled(if: access("/dev/vsock", F_OK) == 0, "needs a kernel with vsock"))
    func itListensAtAPort() throws {
        // One that is chosen by the kernel: two tests may run at once.
        let listener = try ListeningSocket(port: .max)
        #expect(listener.kind == .machine)
        #expect(try listener.accept() == nil)
    }

    @Test func whatTheServiceManagerHandsOverIsTakenOver() throws {
        let listener = try ListeningSocket(at: path, permissions: 0o600)
        let number = dup(listener.descriptor.rawValue)
        let taken = try SocketActivation.take([number])
        #expect(taken.map(\.kind) == [.local])
        #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        _ = try StreamSocket(connectingTo: .local(path: path), until: nil)
        #expect(try taken[0].accept() != nil)
        #expect(try taken[0].accept() == nil)
    }

    @Test func whatListensNotIsRefused() throws {
        var pairs: [[CInt]] = [[-1, -1], [-1, -1]]
        for index in pairs.indices {
            #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pairs[index]) == 0)
        }
        let failure = #expect(throws: SystemCallFailure.self) { try SocketActivation.take(pairs.map { $0[0] }) }
        #expect(failure?.errno == .invalidArgument)
        #expect(failure?.subject == "socket \(pairs[0][0]) of the service manager")
        for peer in pairs.map({ $0[1] }) {
            var byte: UInt8 = 0
            // Both were closed. Their numbers may be those of something else by now, in another test.
            #expect(awaitReadable([peer]) == [peer] && recv(peer, &byte, 1, 0) == 0)
            close(peer)
        }
        let file = open("/dev/null", O_RDONLY)
        #expect(throws: SystemCallFailure.self) { try SocketActivation.take([file]) }
    }
}
