internal import Logging
internal import SysGenIDFrontends
internal import SysGenIDSystem

extension DeviceAccess {
    /// Who may do what with the device, by the configuration.
    ///
    /// - Throws: where the group that is asked for is not there.
    init(_ configuration: Configuration, _ logger: Logger) throws {
        // Whose the kernel's own device is, is not the daemon's to say.
        guard configuration.frontend.isServed else {
            self.init(permissions: configuration.permissions, groupID: 0)
            return
        }
        let name = configuration.group ?? Configuration.usualGroup
        // The usual one is made on this system: to ask a directory for it could hold up the boot.
        if let groupID = configuration.group == nil ? Groups.id(ofLocal: name) : Groups.id(named: name) {
            self.init(permissions: configuration.permissions, groupID: groupID)
            return
        }
        guard configuration.group == nil else {
            throw FrontendFailure("there is no group \(name): make it with 'groupadd --system \(name)'")
        }
        logger.notice("there is no group \(name): only root may acknowledge; make it with 'groupadd --system \(name)'")
        self.init(permissions: configuration.permissions, groupID: 0)
    }
}
