import Glibc
import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenIDSandbox

/// What a restricted thread can do. The filter stays on the thread, so each test has one of its own.
struct SystemCallFilterTests {
    /// Runs the body on a thread that is restricted, and returns its result.
    private func restricted<Value: Sendable>(
        isDriving: Bool = false, _ body: @escaping @Sendable () throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        let thread = try Thread(named: "restricted") {
            let result = Result {
                try SystemCallFilter.load(for: .thisThread, isDriving: isDriving)
                return try body()
            }
            outcome.result.withLock { $0 = result }
        }
        thread.join()
        let result = outcome.result.withLock { $0 }
        return try #require(result).get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let result = Lock<Result<Value, any Error>?>(nil)
    }

    /// A call that would do no harm if it were made, and how it fails; 0 where it does not.
    struct Attempt: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var error: CInt
        var call: @Sendable () -> Int

        init(_ name: String, _ error: CInt, _ call: @escaping @Sendable () -> Int) {
            testDescription = name
            self.error = error
            self.call = call
        }
    }

    private static let refused = [
        Attempt("socket", ENOSYS) { Int(socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)) },
        Attempt("mount", ENOSYS) { Int(mount("none", "/nowhere", "none", 0, nil)) },
        Attempt("execve", ENOSYS) {
            var nothing: [UnsafeMutablePointer<CChar>?] = [nil]
            return Int(execve("/nowhere", &nothing, &nothing))
        },
        Attempt("chroot", ENOSYS) { Int(chroot("/nowhere")) },
        Attempt("kill", ENOSYS) { Int(kill(getpid(), 0)) },
        Attempt("chmod", ENOSYS) { Int(chmod("/nowhere", 0)) },
        Attempt("mkdir", ENOSYS) { Int(mkdir("/nowhere/nothing", 0)) },
        Attempt("executable memory", EPERM) { map(PROT_READ | PROT_EXEC) },
        Attempt("memory made executable", EPERM) {
            guard let page = mmap(nil, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), page != MAP_FAILED
            else { return 0 }
            defer { munmap(page, 4096) }
            return Int(mprotect(page, 4096, PROT_READ | PROT_EXEC))
        },
        Attempt("writable memory", 0) { map(PROT_READ | PROT_WRITE) },
        Attempt("open", 0) { closing(open("/proc/self/status", O_RDONLY)) },
        Attempt("rename", ENOENT) { Int(rename("/nowhere/a", "/nowhere/b")) },
        Attempt("signal to an own thread", 0) { Int(pthread_kill(pthread_self(), 0)) },
    ]

    private static func map(_ protection: CInt) -> Int {
        guard let page = mmap(nil, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), page != MAP_FAILED
        else { return -1 }
        return Int(munmap(page, 4096))
    }

    private static func closing(_ descriptor: CInt) -> Int {
        descriptor < 0 ? -1 : Int(close(descriptor))
    }

    @Test(arguments: refused)
    func onlyWhatIsOnTheListCanBeDone(_ attempt: Attempt) throws {
        let error = try restricted { attempt.call() == -1 ? errno : 0 }
        #expect(error == attempt.error)
    }

    @Test func noOtherRequestIsMadeOfADeviceThanToReseed() throws {
        let error = try restricted { () -> Errno? in
            let random = try openFile("/dev/urandom", .readOnly)
            do throws(Errno) {
                // RNDGETENTCNT, with a null pointer.
                _ = try random.control(0x8004_5200, 0)
                return nil
            } catch {
                return error
            }
        }
        #expect(error == .noFunction)
        guard getuid() == 0 else { return }
        try restricted {
            try ([1, 2, 3] as [UInt8]).withUnsafeBytes { try KernelRandomness().reseed(mixing: $0, creditingBits: 0) }
        }
    }

    /// The triggers of both versions, and a request that no device has.
    @Test(
        arguments: [
            (0xe403 as UInt32, Errno.noFunction, Errno.inappropriateIOCTLForDevice),
            (0x2d03, .noFunction, .inappropriateIOCTLForDevice), (0xe404, .noFunction, .noFunction),
        ])
    func onlyWhoDrivesADeviceMayTriggerOne(_ request: UInt32, served: Errno, driving: Errno) throws {
        let errors = try [false, true].map { isDriving in
            try restricted(isDriving: isDriving) { () -> Errno? in
                let zero = try openFile("/dev/zero", .readOnly)
                do throws(Errno) {
                    _ = try zero.control(request, 0)
                    return nil
                } catch {
                    return error
                }
            }
        }
        #expect(errors == [served, driving])
    }

    @Test func whoseANamespaceIsCanBeAsked() throws {
        let errors = try restricted { () -> [Errno?] in
            let namespace = try openFile("/proc/self/ns/user", .readOnly)
            // NS_GET_PARENT, which this process's own may refuse, and NS_GET_USERNS, which is not on the list.
            return ([0xb702, 0xb701] as [UInt32]).map { request in
                do throws(Errno) {
                    _ = OwnedDescriptor(owning: try namespace.control(request, 0))
                    return nil
                } catch {
                    return error
                }
            }
        }
        #expect(errors[0] == nil || errors[0] == .notPermitted)
        #expect(errors[1] == .noFunction)
    }

    @Test func noThreadCanBegin() throws {
        #expect(throws: SystemCallFailure.self) { try restricted { try Thread(named: "another") {} } }
    }

    @Test func otherThreadsAreNotRestricted() throws {
        try restricted {}
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        #expect(descriptor >= 0)
        close(descriptor)
    }
}
