import Glibc
import SysGenIDSystem
import TestSupport
import Testing

struct ServiceManagerTests {
    @Test func assignmentsReachTheSocketOfTheManager() throws {
        let scratch = try Scratch()
        let manager = try FakeManager(address: scratch.path("notify"))
        let service = try manager.client(named: "SYSGENID_TEST_SOCKET_PATH")
        service.notify("READY=1", "STATUS=serving")
        #expect(manager.receive() == "READY=1\nSTATUS=serving")
        service.notify("STOPPING=1")
        #expect(manager.receive() == "STOPPING=1")
    }

    @Test func abstractAddressesStartWithAZeroByte() throws {
        let manager = try FakeManager(address: "@sysgenid-test-\(getpid())")
        let service = try manager.client(named: "SYSGENID_TEST_SOCKET_ABSTRACT")
        service.notify("READY=1")
        #expect(manager.receive() == "READY=1")
    }

    @Test func aDescriptorIsKeptUnderItsNameAndForgotten() throws {
        let scratch = try Scratch()
        let manager = try FakeManager(address: scratch.path("notify"))
        let service = try manager.client(named: "SYSGENID_TEST_SOCKET_STORE")
        let signal = try EventSignal()
        service.keep(signal.descriptor.rawValue, named: "sysgenid-page")
        let (text, number) = try manager.receiveDescriptor()
        #expect(text == "FDSTORE=1\nFDNAME=sysgenid-page\nFDPOLL=0")
        let kept = OwnedDescriptor(owning: number)
        signal.raise()
        #expect(waitUntilReadable([kept.rawValue], milliseconds: 0) == [kept.rawValue])
        service.forget("sysgenid-page")
        #expect(manager.receive() == "FDSTOREREMOVE=1\nFDNAME=sysgenid-page")
    }

    @Test func theVariableIsTakenAway() {
        setenv("SYSGENID_TEST_SOCKET_TAKEN", "/nowhere", 1)
        #expect(ServiceManager(environment: "SYSGENID_TEST_SOCKET_TAKEN") != nil)
        #expect(getenv("SYSGENID_TEST_SOCKET_TAKEN") == nil)
        #expect(ServiceManager(environment: "SYSGENID_TEST_SOCKET_TAKEN") == nil)
    }

    @Test(
        "a manager that does not listen is no failure", arguments: ["", "/nowhere", String(repeating: "x", count: 500)])
    func deaf(address: String) throws {
        let name = "SYSGENID_TEST_SOCKET_DEAF_\(address.count)"
        setenv(name, address, 1)
        try #require(ServiceManager(environment: name)).notify("READY=1")
    }
}

/// A datagram socket as a service manager has one.
private final class FakeManager {
    private let socket: CInt
    private let address: String

    init(address: String) throws {
        self.address = address
        socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var path = Array(address.utf8)
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + path.count)
        let result = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
        }
        try #require(result == 0, "bind: errno \(errno)")
    }

    deinit {
        close(socket)
    }

    func client(named name: String) throws -> ServiceManager {
        setenv(name, address, 1)
        return try #require(ServiceManager(environment: name))
    }

    /// Receives a message that comes with a descriptor.
    func receiveDescriptor() throws -> (text: String, descriptor: CInt) {
        var buffer = [UInt8](repeating: 0, count: 1_000)
        var control = [UInt64](repeating: 0, count: 8)
        let (count, controlLength): (Int, Int) = buffer.withUnsafeMutableBytes { buffer in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    (message.msg_iov, message.msg_iovlen) = (vector, 1)
                    (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count)
                    return (recvmsg(socket, &message, CInt(MSG_CMSG_CLOEXEC)), message.msg_controllen)
                }
            }
        }
        try #require(count > 0 && controlLength >= 20)
        // The header of 16 bytes says what the number behind it is.
        let number = control.withUnsafeBytes { $0.load(fromByteOffset: 16, as: CInt.self) }
        return (String(decoding: buffer.prefix(count), as: UTF8.self), number)
    }

    func receive() -> String? {
        guard waitUntilReadable([socket], milliseconds: 10_000) == [socket] else { return nil }
        var buffer = [UInt8](repeating: 0, count: 1_000)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
