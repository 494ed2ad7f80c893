import SysGenIDSystem

/// What a directory of hooks holds, and what may be run of it.
///
/// Hooks are run by root. So neither a hook nor its directory may be one that anybody else can write to, be it by the mode
/// or by owning it; one that can is refused, and told of, rather than passed over: something was to be run there.
enum HookDirectory {
    /// How many names are looked at.
    private static let nameLimit = 256

    /// Looks at the directory of a phase. One that is missing is empty.
    static func listing(of path: String) -> HookPlan.Listing {
        var listing = HookPlan.Listing(path: path)
        do throws(SystemCallFailure) {
            let status = try Files.status(path)
            if let objection = objection(to: status) {
                listing.objection = objection
                return listing
            }
            for name in try Files.names(in: path, limit: nameLimit) {
                listing.entries[name] = kind(of: "\(path)/\(name)")
            }
        } catch {
            if error.errno != .noSuchFileOrDirectory { listing.objection = "\(error.errno)" }
        }
        return listing
    }

    private static func kind(of path: String) -> HookPlan.Listing.Kind {
        if Surroundings.resolvedPath(path) == "/dev/null" { return .mask }
        do throws(SystemCallFailure) {
            let status = try Files.status(path)
            guard status.kind == .regular else { return .refused("it is no regular file") }
            if status.size == 0 { return .mask }
            if let objection = objection(to: status) { return .refused(objection) }
            return status.permissions & 0o111 == 0 ? .refused("it is not executable") : .runnable
        } catch {
            return .refused("\(error.errno)")
        }
    }

    private static func objection(to status: FileStatus) -> String? {
        guard [0, OwnProcess.effectiveUserID].contains(status.userID) else {
            return "it belongs to user \(status.userID), and not to root"
        }
        return status.permissions & 0o022 == 0 ? nil : "others than its owner may write to it"
    }
}
