internal import CConformanceClients
internal import Glibc

/// What a row cannot do without.
enum Need: Sendable {
    /// To open the device for writing.
    case writing
    /// To trigger a change, and to acknowledge it.
    case trigger
    /// To become another user and to give up capabilities.
    case root
    /// To make user namespaces.
    case userNamespaces
    /// io_uring, which a kernel can be without, and an administrator can forbid.
    case ring
    /// To trigger a change, and that no other open file stays outdated after it.
    case quietOpenFiles
    /// To trigger a change, and that no other tracked watcher stays outdated after it.
    case quietTrackedWatchers

    /// Why the row cannot be run; nil where it can.
    func obstacle(on device: Device) throws -> String? {
        switch self {
        case .writing: return writingObstacle(device)
        case .trigger:
            let needed = CLIENT_CAP_SYS_ADMIN | CLIENT_CAP_CHECKPOINT_RESTORE
            guard client_capabilities() & needed != 0 else {
                return "triggering needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN"
            }
            return writingObstacle(device)
        case .root:
            return geteuid() == 0 ? nil : "becoming another user needs root"
        case .userNamespaces:
            let answer = try Client(keeping: []) {
                let error = client_enter_user_namespace()
                return error == 0 ? .done : .unprepared(error)
            }.answer()
            return answer == .done ? nil : "no user namespace can be made: \(answer)"
        case .ring:
            let answer = try Client(keeping: []) {
                let error = client_ring_obstacle()
                return error == 0 ? .done : .unprepared(error)
            }.answer()
            return answer == .done ? nil : "no io_uring can be had: \(answer)"
        case .quietOpenFiles: return try quietObstacle(device)
        case .quietTrackedWatchers: return try trackedObstacle(device)
        }
    }

    private func writingObstacle(_ device: Device) -> String? {
        let answer = client_open(device.path, O_RDWR)
        guard let descriptor = answer.resultValue else { return "the device cannot be opened O_RDWR: \(answer)" }
        _ = client_close(descriptor)
        return nil
    }

    private func quietObstacle(_ device: Device) throws -> String? {
        try device.trigger()
        do {
            try expectEventually(within: quietTime, equals: 0) { try device.outdatedCount() }
            return nil
        } catch let mismatch as Mismatch {
            return "other open files are outdated: \(mismatch.got)"
        }
    }

    private func trackedObstacle(_ device: Device) throws -> String? {
        try device.trigger()
        let overseer = try device.open(O_RDONLY)
        defer { overseer.close() }
        let answer = try overseer.client { $0.request(.wait, UInt(quietTime)) }.answer()
        return answer == .failure(ETIME) ? "other tracked watchers are outdated" : nil
    }
}
