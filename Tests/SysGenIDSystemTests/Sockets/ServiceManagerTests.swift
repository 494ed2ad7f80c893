import Glibc
import SysGenIDSystem
import TestSupport
import Testing

struct ServiceManagerTests {
    @Test func assignmentsReachTheSocketOfTheManager() throws {
        let scratch = try Scratch()
        let manager = try FakeManager(address: scratch.path("notify"))
        let service = try manager.client(prefix: "SYSGENID_TEST_PATH_")
        service.notify("READY=1", "STATUS=serving")
        #expect(manager.receive() == "READY=1\nSTATUS=serving")
        service.notify("STOPPING=1")
        #expect(manager.receive() == "STOPPING=1")
    }

    @Test func abstractAddressesStartWithAZeroByte() throws {
        let manager = try FakeManager(address: "@sysgenid-test-\(getpid())")
        let service = try manager.client(prefix: "SYSGENID_TEST_ABSTRACT_")
        service.notify("READY=1")
        #expect(manager.receive() == "READY=1")
    }

    @Test func aDescriptorIsKeptUnderItsNameAndForgotten() throws {
        let scratch = try Scratch()
        let manager = try FakeManager(address: scratch.path("notify"))
        let service = try manager.client(prefix: "SYSGENID_TEST_STORE_")
        let signal = try EventSignal()
        try service.keep(signal.descriptor.rawValue, named: "sysgenid-page")
        let (text, number) = try manager.receiveDescriptor()
        #expect(text == "FDSTORE=1\nFDNAME=sysgenid-page\nFDPOLL=0")
        let kept = OwnedDescriptor(owning: number)
        signal.raise()
        #expect(waitUntilReadable([kept.rawValue], milliseconds: 0) == [kept.rawValue])
        service.forget("sysgenid-page")
        #expect(manager.receive() == "FDSTOREREMOVE=1\nFDNAME=sysgenid-page")
    }

    @Test func theVariablesAreTakenAway() throws {
        let prefix = "SYSGENID_TEST_TAKEN_"
        let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].map { prefix + $0 }
        for name in names { setenv(name, "1", 1) }
        #expect(try ServiceManager(environment: prefix) != nil)
        #expect(names.allSatisfy { getenv($0) == nil })
        #expect(try ServiceManager(environment: prefix) == nil)
    }

    @Test(
        "the watchdog is asked for by an interval, and by the number of the process where that is given",
        arguments: [
            (interval: "20000000", process: nil, expected: 20_000_000_000),
            ("1", "\(getpid())", 1_000),
            ("1", "\(getpid() + 1)", nil),
            ("1", "", nil),
            ("0", nil, nil),
            ("", nil, nil),
            ("-5", nil, nil),
            ("20s", nil, nil),
            ("18446744073709551615", nil, nil),
        ] as [(String, String?, UInt64?)])
    func watchdog(interval: String, process: String?, expected: UInt64?) throws {
        let prefix = "SYSGENID_TEST_DOG_\(interval)_\(process ?? "none")_"
        setenv("\(prefix)NOTIFY_SOCKET", "/nowhere", 1)
        setenv("\(prefix)WATCHDOG_USEC", interval, 1)
        if let process { setenv("\(prefix)WATCHDOG_PID", process, 1) }
        #expect(try #require(try ServiceManager(environment: prefix)).watchdogInterval == expected)
    }

    @Test func aManagerThatIsBehindIsNotWaitedFor() throws {
        let scratch = try Scratch()
        let manager = try FakeManager(address: scratch.path("notify"))
        let service = try manager.client(prefix: "SYSGENID_TEST_BEHIND_")
        // More than any queue of datagrams takes.
        for _ in 0..<5_000 { service.notify("WATCHDOG=1", mayWait: false) }
        #expect(manager.receive() == "WATCHDOG=1")
    }

    @Test(
        "a manager that does not listen is no failure", arguments: ["", "/nowhere", String(repeating: "x", count: 500)])
    func deaf(address: String) throws {
        let prefix = "SYSGENID_TEST_DEAF_\(address.count)_"
        setenv("\(prefix)NOTIFY_SOCKET", address, 1)
        try #require(try ServiceManager(environment: prefix)).notify("READY=1")
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

    func client(prefix: String) throws -> ServiceManager {
        setenv("\(prefix)NOTIFY_SOCKET", address, 1)
        return try #require(try ServiceManager(environment: prefix))
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
        guard awaitReadable([socket]) == [socket] else { return nil }
        var buffer = [UInt8](repeating: 0, count: 1_000)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
