import SysGenID

extension CommandFailure {
    /// What a failure about the devices of containers means to a user.
    init(_ failure: ContainerFailure) {
        let path = failure.cause.subject
        event = "cannot \(failure.operation.phrase) \(path): \(failure.cause.errno)"
        switch failure.reason {
        case .notServed:
            event = "no sysgenidd serves containers there (\(path))"
            advice = "is it started with FUSE? SYSGENID_DEVICES_DIR says where its devices are"
        case .notFound:
            event = "there is no container at \(path)"
            advice = "see sysgenidctl container list, or make it with sysgenidctl container add"
        case .exists:
            event = "there is a container at \(path) already"
            advice = "choose another name, or take it away with sysgenidctl container remove"
        case .notPermitted:
            status = .notPermitted
            advice = "you must be root in the user namespace of sysgenidd"
        case .invalidName:
            advice = "a container's name has \(ContainerName.rule)"
        case .full:
            advice = "remove one that is not used, or start sysgenidd with a larger --max-containers"
        case .other where failure.operation == .setMinimum:
            advice = "it takes a sysgenidd whose device nobody has opened yet: try again"
        case .other:
            advice = "see whether sysgenidd has logged a reason"
        }
    }
}

extension ContainerFailure.Operation {
    /// The operation, as it reads between "cannot" and the directory.
    fileprivate var phrase: String {
        switch self {
        case .find: "find"
        case .list: "list"
        case .make: "make"
        case .remove: "remove"
        case .setMinimum: "set the minimum of"
        case .setOwner: "set the owner of"
        }
    }
}

/// Turns a failure about the devices of containers into one of the command.
func explaining<Value>(_ body: () throws(ContainerFailure) -> Value) throws(CommandFailure) -> Value {
    do {
        return try body()
    } catch {
        throw CommandFailure(error)
    }
}
