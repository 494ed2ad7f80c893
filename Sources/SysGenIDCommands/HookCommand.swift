import ArgumentParser
import SysGenID
import SysGenIDSystem

struct HookCommand: ContainerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "hook",
        abstract: "Give a container a device of its own, as a hook of a container runtime.",
        discussion: """
            The state of the container comes by standard input, as the Open Container Initiative has it. At \
            createRuntime the device is made for the id of the container, for the root user of the container, and \
            mounted to its /dev/sysgenid; at poststop it is taken away. It takes root in the user namespace of \
            sysgenidd; without, the exit status is 4, and the container is not started.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    func perform() throws(CommandFailure) {
        let contents: [UInt8]
        do {
            contents = try StandardInput.read(limit: RuntimeState.sizeLimit)
        } catch {
            throw CommandFailure(event: "cannot \(error)", advice: "only a container runtime calls this, as a hook")
        }
        let state = try RuntimeState(contents)
        switch state.stage {
        case .creation(let process): try add(state.name, process: process, root: state.rootDirectory())
        case .removal: try remove(state.name)
        }
    }

    private func add(_ name: ContainerName, process: Int32, root: String) throws(CommandFailure) {
        let view = try mounting(name) { () throws(SystemCallFailure) in
            try ContainerView(of: process, root: root)
        }
        let owner = ContainerOwner(userID: view.ownerID, groupID: view.ownerGroupID)
        let isNew = try make(name, owner: owner)
        do {
            try mounting(name) { () throws(SystemCallFailure) in
                try view.mount(ContainerDevices().path(of: name), asDevice: "sysgenid")
            }
        } catch {
            if isNew { try? ContainerDevices().remove(name) }
            throw error
        }
    }

    /// - Returns: false where there is one already, by another hook of the container's or left of its last run.
    private func make(_ name: ContainerName, owner: ContainerOwner?) throws(CommandFailure) -> Bool {
        do throws(ContainerFailure) {
            try ContainerDevices().make(name, owner: owner)
            return true
        } catch {
            guard error.reason == .exists else { throw CommandFailure(error) }
            return false
        }
    }

    private func remove(_ name: ContainerName) throws(CommandFailure) {
        do throws(ContainerFailure) {
            try ContainerDevices().remove(name)
        } catch {
            guard error.reason == .notFound else { throw CommandFailure(error) }
        }
    }

    private func mounting<Value>(
        _ name: ContainerName, _ body: () throws(SystemCallFailure) -> Value
    ) throws(CommandFailure) -> Value {
        do {
            return try body()
        } catch {
            let isNotPermitted = error.errno == .notPermitted || error.errno == .permissionDenied
            throw CommandFailure(
                status: isNotPermitted ? .notPermitted : .failed,
                event: "cannot mount the device of the container \(name): \(error)",
                advice: "the hook has to run as root of the host, before the container's root directory is its /")
        }
    }
}
