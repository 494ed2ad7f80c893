import SysGenID
import SysGenIDSystem
import Testing

@testable import SysGenIDCommands

@Suite("Failures of containers' devices")
struct ContainerFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var operation: ContainerFailure.Operation
        var cause: SystemCallFailure
        var reason: ContainerFailure.Reason
        var advice: String

        var testDescription: String { "\(operation): \(cause.errno) is \(reason)" }
    }

    private static func row(
        _ operation: ContainerFailure.Operation, _ cause: SystemCallFailure, _ reason: ContainerFailure.Reason,
        _ advice: String
    ) -> Case {
        Case(operation: operation, cause: cause, reason: reason, advice: advice)
    }

    static let table: [Case] = [
        row(.make, SystemCallFailure("mkdir", "/x", .fileExists), .exists, "container remove"),
        row(.make, SystemCallFailure("mkdir", "/x", .invalidArgument), .invalidName, "1 to 64 of letters"),
        row(.make, SystemCallFailure("mkdir", "/x", .noSpace), .full, "--max-containers"),
        row(.make, SystemCallFailure("mkdir", "/x", .permissionDenied), .notPermitted, "must be root"),
        row(.make, SystemCallFailure("mkdir", "/x", .ioError), .other, "logged a reason"),
        row(.make, SystemCallFailure("mkdir", "/x", .socketNotConnected), .notServed, "started with FUSE?"),
        row(.setOwner, SystemCallFailure("chown", "/x", .notPermitted), .notPermitted, "must be root"),
        row(.setMinimum, SystemCallFailure("setxattr", "/x", .resourceBusy), .other, "nobody has opened yet"),
        row(.setMinimum, SystemCallFailure("setxattr", "/x", .noSpace), .other, "nobody has opened yet"),
        row(.remove, SystemCallFailure("rmdir", "/x", .noSuchFileOrDirectory), .notFound, "container list"),
        row(.remove, SystemCallFailure("rmdir", "/x", .permissionDenied), .notPermitted, "must be root"),
        row(.remove, SystemCallFailure("rmdir", "/x", .connectionAbort), .notServed, "started with FUSE?"),
        row(.find, SystemCallFailure("stat", "/x", .noSuchFileOrDirectory), .notFound, "container add"),
        row(.list, SystemCallFailure("opendir", "/x", .noSuchFileOrDirectory), .notServed, "started with FUSE?"),
        row(.list, SystemCallFailure("opendir", "/x", .notDirectory), .notServed, "started with FUSE?"),
    ]

    @Test("each is one line with what to do next, and an exit status", arguments: table)
    func mapping(row: Case) {
        let failure = ContainerFailure(row.operation, row.cause, isServed: true)
        #expect(failure.reason == row.reason)
        let told = CommandFailure(failure)
        #expect(told.status == (row.reason == .notPermitted ? .notPermitted : .failed))
        #expect(told.line.hasPrefix("sysgenidctl: ") && told.line.contains("/x") && !told.line.contains("\n"))
        #expect(told.advice.contains(row.advice))
    }

    @Test("where nothing is served, it does not matter what the kernel said", arguments: table)
    func notServed(row: Case) {
        let failure = ContainerFailure(row.operation, row.cause, isServed: false)
        #expect(failure.reason == .notServed)
        #expect(CommandFailure(failure).line.contains("no sysgenidd serves containers there"))
    }
}
