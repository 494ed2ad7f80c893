import SysGenID
import SysGenIDSystem
import Testing

@testable import SysGenIDCommands

@Suite("Failures")
struct CommandFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var operation: DeviceFailure.Operation
        var cause: SystemCallFailure
        var reason: DeviceFailure.Reason
        var status: CommandFailure.Status

        var testDescription: String { "\(operation): \(cause.errno) is \(reason)" }
    }

    private static func row(
        _ operation: DeviceFailure.Operation, _ cause: SystemCallFailure, _ reason: DeviceFailure.Reason,
        _ status: CommandFailure.Status = .failed
    ) -> Case {
        Case(operation: operation, cause: cause, reason: reason, status: status)
    }

    static let table: [Case] = [
        row(.open, SystemCallFailure("open", "/x", .noSuchFileOrDirectory), .notFound),
        row(.open, SystemCallFailure("open", "/x", .notDirectory), .notFound),
        row(.open, SystemCallFailure("open", "/x", .permissionDenied), .notPermitted, .notPermitted),
        row(.open, SystemCallFailure("open", "/x", .notPermitted), .notPermitted, .notPermitted),
        row(.open, SystemCallFailure("open", "/x", .readOnlyFileSystem), .notPermitted, .notPermitted),
        row(.open, SystemCallFailure("open", "/x", .isDirectory), .notTheDevice),
        row(.open, SystemCallFailure("open", "/x", .socketNotConnected), .gone),
        row(.open, SystemCallFailure("open", "/x", .noSuchAddressOrDevice), .gone),
        row(.open, SystemCallFailure("open", "/x", .operationNotSupportedByDevice), .gone),
        row(.open, SystemCallFailure("open", "/x", .tooManyOpenFiles), .other),
        row(.read, SystemCallFailure("read", "/x", .wouldBlock), .upToDate),
        row(.read, SystemCallFailure("read", "/x", .interrupted), .interrupted),
        row(.read, SystemCallFailure("read", "/x", .connectionAbort), .gone),
        row(.read, SystemCallFailure("read", "/x", .invalidArgument), .other),
        row(.read, SystemCallFailure("read", "/x", .badFileDescriptor), .gone),
        row(.acknowledge, SystemCallFailure("write", "/x", .invalidArgument), .notCurrent),
        row(.acknowledge, SystemCallFailure("write", "/x", .badFileDescriptor), .notPermitted, .notPermitted),
        row(.map, SystemCallFailure("mmap", "/x", .operationNotSupportedByDevice), .unmappable),
        row(.map, SystemCallFailure("mmap", "/x", .permissionDenied), .unmappable),
        row(.map, SystemCallFailure("mmap", "/x", .invalidArgument), .unmappable),
        row(.map, SystemCallFailure("mmap", "/x", .socketNotConnected), .gone),
        row(.trigger, SystemCallFailure("ioctl", "/x", .permissionDenied), .notPermitted, .notPermitted),
        row(.trigger, SystemCallFailure("ioctl", "/x", .invalidArgument), .unsupported),
        row(.waitForWatchers, SystemCallFailure("ioctl", "/x", .timeout), .timedOut, .timedOut),
        row(.waitForWatchers, SystemCallFailure("ioctl", "/x", .interrupted), .interrupted),
        row(.waitForWatchers, SystemCallFailure("ioctl", "/x", .operationNotSupportedByDevice), .gone),
        row(.countOutdated, SystemCallFailure("ioctl", "/x", .inappropriateIOCTLForDevice), .unsupported),
        row(.setTracking, SystemCallFailure("ioctl", "/x", .noFunction), .unsupported),
    ]

    @Test("what the kernel said becomes a reason and an exit status", arguments: table)
    func mapping(row: Case) {
        let failure = DeviceFailure(row.operation, row.cause)
        #expect(failure.reason == row.reason)
        #expect(CommandFailure(failure).status == row.status)
    }

    @Test("each is one line that names the device and ends with advice", arguments: table)
    func oneLine(row: Case) {
        let failure = CommandFailure(DeviceFailure(row.operation, row.cause))
        #expect(failure.line.hasPrefix("sysgenidctl: "))
        #expect(failure.line.contains("/x"))
        #expect(failure.line.hasSuffix("; \(failure.advice)"))
        #expect(!failure.line.contains("\n"))
    }

    @Test("the exit codes are those of the interface")
    func exitCodes() {
        #expect(CommandFailure.Status.failed.rawValue == 1)
        #expect(CommandFailure.Status.timedOut.rawValue == 3)
        #expect(CommandFailure.Status.notPermitted.rawValue == 4)
    }

    @Test("a device without mmap is told from one that ended, with what helps")
    func unmappable() {
        let cause = SystemCallFailure("mmap", "/dev/sysgenid", .operationNotSupportedByDevice)
        let line = CommandFailure(DeviceFailure(.map, cause)).line
        #expect(line.contains("cannot map /dev/sysgenid"))
        #expect(line.contains("CUSE has no mmap"))
        #expect(line.contains("--frontend fuse or auto"))
    }

    @Test("a trigger without privilege says what it takes")
    func unprivilegedTrigger() {
        let cause = SystemCallFailure("ioctl", "/dev/sysgenid", .permissionDenied)
        let line = CommandFailure(DeviceFailure(.trigger, cause)).line
        #expect(line.contains("CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN"))
    }

    @Test("a signal that a program does not take is told with what helps")
    func untaken() {
        func line(_ outcome: SignalOutcome) -> String { CommandFailure.untaken(.hangUp, by: "server", outcome).line }
        #expect(
            line(.ends) == "sysgenidctl: server has no handler for the signal HUP, which would end it: it is sent once "
                + "there is one; name with --signal one that it takes, or use --restart or --force")
        #expect(line(.stops).contains("which would stop it"))
        #expect(
            line(.ignored) == "sysgenidctl: server ignores the signal HUP, and does not notice the change; name with "
                + "--signal one that it takes, or use --restart")
        #expect(line(.unknown).contains("it is sent all the same; let /proc show the program"))
    }

    @Test(
        "what is not the device is refused when it is opened", arguments: ["/dev/null", "/dev/urandom", "/", "/nope"])
    func otherFiles(path: String) {
        let error = #expect(throws: DeviceFailure.self) {
            _ = try SystemGenerationDevice(path: path, isBlocking: false)
        }
        #expect(error?.reason == (path == "/nope" ? .notFound : .notTheDevice))
    }
}
