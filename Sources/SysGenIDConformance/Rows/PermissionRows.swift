internal import CConformanceClients
internal import Glibc

/// A client that prepares itself and then triggers a change, by both requests.
private func expectRefused(
    _ device: Device, opening isOwnDescriptor: Bool = true, _ step: String? = nil,
    preparing prepare: @escaping () -> CInt
) throws {
    let bystander = try device.openNonBlocking()
    for request in Request.changes {
        let name = "\(step.map { "\($0), " } ?? "")\(request.name)"
        let answer = try triggering(device, opening: isOwnDescriptor, request, preparing: prepare)
        try expect(answer, equals: .failure(EACCES), name)
        try expect(bystander.read(), equals: .failure(EAGAIN), "\(name): the generation after the refusal")
    }
}

private func expectPermitted(_ device: Device, preparing prepare: @escaping () -> CInt) throws {
    let bystander = try device.openNonBlocking()
    for request in Request.changes {
        try expect(triggering(device, opening: true, request, preparing: prepare), equals: .done, request.name)
    }
    try bystander.expectOutdated(true, "another watcher")
}

/// Triggers from a client, through a descriptor that it opened itself or inherited from a process that may.
private func triggering(
    _ device: Device, opening isOwnDescriptor: Bool, _ request: Request, preparing prepare: @escaping () -> CInt
) throws -> Answer {
    let inherited = try device.open(O_RDONLY)
    defer { inherited.close() }
    return try inherited.client { inherited in
        let error = prepare()
        guard error == 0 else { return .unprepared(error) }
        guard isOwnDescriptor else { return inherited.request(request) }
        let opened = client_open(device.path, O_RDONLY)
        guard let descriptor = opened.resultValue else { return .unprepared(CInt(opened.value)) }
        return Watcher(descriptor: descriptor).request(request)
    }.answer()
}

private let nobody = UInt32(CLIENT_NOBODY)

private func inUserNamespace(after error: CInt) -> CInt {
    error == 0 ? client_enter_user_namespace() : error
}

let permissionRows: [Row] = [
    Row("permission: an unprivileged user may not trigger", needs: .trigger, .root) { device in
        try expectRefused(device) { client_become_user(nobody, 0) }
    },

    Row("permission: an unprivileged user may not trigger through a descriptor of root", needs: .trigger, .root) {
        device in
        try expectRefused(device, opening: false) { client_become_user(nobody, 0) }
    },

    Row("permission: an unprivileged user may read, poll, map, track, count and wait", needs: .trigger, .root) {
        device in
        let outdated = try device.client(as: nobody) { watcher in
            guard watcher.events(within: -1) == Watcher.changed else { return watcher.events() }
            return watcher.read()
        }
        try outdated.expectBlocked("poll")
        let generation = try device.trigger()
        try expect(outdated.answer(), equals: .generation(generation), "read")
        let requests = try device.client(as: nobody) { watcher in
            for request in [Request.setTracking, .countOutdated] where watcher.request(request).isFailure {
                return watcher.request(request)
            }
            let wait = watcher.request(.wait, 1)
            return wait == .failure(ETIME) ? .done : wait
        }
        try expect(requests.answer(), equals: .done, "ioctl")
        guard device.expectation != .characterDevice else { return }
        let map = try device.client(as: nobody) { watcher in
            let (mapping, answer) = Mapping.attempt(watcher)
            return mapping.map { .generation($0.generation) } ?? answer
        }
        try expect(map.answer(), equals: .generation(generation), "mmap")
    },

    Row("permission: root of a user namespace of its own may not trigger", needs: .trigger, .root, .userNamespaces) {
        device in
        for isOwnDescriptor in [true, false] {
            let step = isOwnDescriptor ? "its own descriptor" : "a descriptor of root"
            try expectRefused(device, opening: isOwnDescriptor, step) { client_enter_user_namespace() }
        }
    },

    Row(
        "permission: an unprivileged user who is root of a namespace may not trigger",
        needs: .trigger, .root, .userNamespaces
    ) { device in
        for isOwnDescriptor in [true, false] {
            let step = isOwnDescriptor ? "its own descriptor" : "a descriptor of root"
            try expectRefused(device, opening: isOwnDescriptor, step) {
                inUserNamespace(after: client_become_user(nobody, 0))
            }
        }
    },

    Row("permission: CAP_CHECKPOINT_RESTORE alone is enough", needs: .trigger, .root) { device in
        try expectCapability(CLIENT_CAP_CHECKPOINT_RESTORE, on: device)
    },

    Row("permission: CAP_SYS_ADMIN alone is enough", needs: .trigger, .root) { device in
        try expectCapability(CLIENT_CAP_SYS_ADMIN, on: device)
    },

    Row("permission: root without both capabilities may not trigger", needs: .trigger, .root) { device in
        try expectRefused(device) {
            client_limit_capabilities(~(CLIENT_CAP_SYS_ADMIN | CLIENT_CAP_CHECKPOINT_RESTORE))
        }
    },

    Row("permission: a thread without capabilities may not trigger, though its process may", needs: .trigger, .root) {
        device in
        let bystander = try device.openNonBlocking()
        for request in Request.changes {
            let client = try device.open(O_RDONLY).client {
                client_ioctl_from_bare_thread($0.descriptor, request.number, 0)
            }
            try expect(client.answer(), equals: .failure(EACCES), request.name)
        }
        try expect(bystander.read(), equals: .failure(EAGAIN), "another watcher")
    },

    Row("permission: nothing is refused for its minimum before its caller", needs: .trigger, .root) { device in
        let bystander = try device.openNonBlocking()
        for minimum in [1, UInt(UInt32.max)] {
            let client = try device.client(as: nobody) { $0.request(.trigger, minimum) }
            try expect(client.answer(), equals: .failure(EACCES), "minimum \(minimum)")
        }
        try expect(bystander.read(), equals: .failure(EAGAIN), "another watcher")
    },
]

/// The capability has to suffice, for root and for another user.
private func expectCapability(_ capability: UInt64, on device: Device) throws {
    guard client_capabilities() & capability != 0 else { throw Skipped(reason: "the capability is missing here") }
    try expectPermitted(device) { client_limit_capabilities(capability) }
    try expectPermitted(device) { client_become_user(nobody, capability) }
}

extension Device {
    /// Starts a client of another user, which opens the device itself.
    fileprivate func client(as user: UInt32, _ body: @escaping (Watcher) -> Answer) throws -> Client {
        try Client(keeping: []) {
            let error = client_become_user(user, 0)
            guard error == 0 else { return .unprepared(error) }
            let opened = client_open(path, O_RDONLY)
            guard let descriptor = opened.resultValue else { return .unprepared(CInt(opened.value)) }
            return body(Watcher(descriptor: descriptor))
        }
    }
}
