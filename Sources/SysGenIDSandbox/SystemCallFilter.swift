internal import CSeccomp
internal import Glibc

/// Refuses the system calls that a serving daemon does not make. See seccomp(2).
///
/// A call that is not on the list fails with ENOSYS, as on a kernel that does not have it: a newer C library, which
/// prefers a newer call, then goes the older way, and no library knows what to do about another error. One that is
/// on the list, but not with these arguments, fails with EPERM, an ioctl with ENOSYS. The kernel's audit log tells of both. Calls by the
/// numbers of another architecture end the process.
public enum SystemCallFilter {
    /// Which threads are restricted, for as long as they live.
    public enum Scope: Sendable {
        case allThreads
        case thisThread
    }

    /// Restricts the threads. They can get no new privileges by running another program from then on.
    ///
    /// - Parameter isDriving: whether the device of somebody else may be triggered.
    public static func load(for scope: Scope, isDriving: Bool = false) throws(FilterFailure) {
        let filter = try Filter()
        try filter.set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)
        try filter.set(SCMP_FLTATR_CTL_TSYNC, scope == .allThreads ? 1 : 0)
        try filter.set(SCMP_FLTATR_CTL_LOG, 1)
        // A tree: the kernel tries the filter for each system call that there is before it takes it.
        try filter.set(SCMP_FLTATR_CTL_OPTIMIZE, 2)
        for name in AllowedCalls.groups.flatMap(\.names) { try filter.allow(name) }
        for call in AllowedCalls.conditional { try filter.allow(call) }
        if isDriving { try filter.allow(AllowedCalls.driving) }
        try filter.load()
    }
}

/// Why system calls are not restricted.
public struct FilterFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    /// - Parameter result: an error number, negative as libseccomp returns it.
    init(_ what: String, _ result: CInt) {
        description = "\(what): \(String(cString: strerror(-result)))"
    }
}

/// A filter that is being made. See seccomp_init(3).
private struct Filter: ~Copyable {
    private let context: scmp_filter_ctx

    init() throws(FilterFailure) {
        guard let context = seccomp_init(Self.failing(ENOSYS)) else { throw FilterFailure("seccomp_init", -ENOMEM) }
        self.context = context
    }

    deinit {
        seccomp_release(context)
    }

    /// SCMP_ACT_ERRNO.
    private static func failing(_ error: CInt) -> UInt32 { 0x0005_0000 | UInt32(error) }

    func set(_ attribute: scmp_filter_attr, _ value: UInt32) throws(FilterFailure) {
        let result = seccomp_attr_set(context, attribute, value)
        guard result == 0 else { throw FilterFailure("seccomp_attr_set \(attribute.rawValue)", result) }
    }

    func allow(_ name: String) throws(FilterFailure) {
        try add(SCMP_ACT_ALLOW, name, [])
    }

    /// Allows the call where the condition holds, and refuses it where it does not, by EPERM if one rule can say so.
    func allow(_ call: AllowedCalls.Conditional) throws(FilterFailure) {
        func comparison(_ op: scmp_compare, _ first: UInt64, _ second: UInt64 = 0) -> scmp_arg_cmp {
            scmp_arg_cmp(arg: call.argument, op: op, datum_a: first, datum_b: second)
        }
        switch call.condition {
        case .equals(let value):
            try add(SCMP_ACT_ALLOW, call.name, [comparison(SCMP_CMP_EQ, value)])
            try add(Self.failing(EPERM), call.name, [comparison(SCMP_CMP_NE, value)])
        case .isOneOf(let values):
            // One rule cannot compare the same argument twice, so that none could refuse all others.
            for value in values { try add(SCMP_ACT_ALLOW, call.name, [comparison(SCMP_CMP_EQ, value)]) }
        case .hasNone(let bits):
            try add(SCMP_ACT_ALLOW, call.name, [comparison(SCMP_CMP_MASKED_EQ, bits, 0)])
            try add(Self.failing(EPERM), call.name, [comparison(SCMP_CMP_MASKED_EQ, bits, bits)])
        }
    }

    private func add(_ action: UInt32, _ name: String, _ comparisons: [scmp_arg_cmp]) throws(FilterFailure) {
        let number = seccomp_syscall_resolve_name(name)
        // Negative where this processor, or this libseccomp, has no such call.
        guard number >= 0 else { return }
        let result = seccomp_rule_add_array(context, action, number, UInt32(comparisons.count), comparisons)
        guard result == 0 else { throw FilterFailure("seccomp_rule_add \(name)", result) }
    }

    consuming func load() throws(FilterFailure) {
        let result = seccomp_load(context)
        guard result == 0 else { throw FilterFailure("seccomp_load", result) }
    }
}
