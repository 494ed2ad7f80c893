internal import Logging
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDFuse
internal import SysGenIDSystem

/// The service before anybody is served: it continues what was left, and has finished the change that a predecessor may
/// have begun.
struct PreparedService {
    let service: GenerationService
    let events: EventLog
    let history: ChangeHistory
    /// nil where nothing notices a resume.
    let hostEntropy: HostEntropyReader?

    init(at places: Places, continuing takeover: Takeover, _ logger: Logger) throws {
        let (configuration, directory) = (places.configuration, places.directory)
        let record = takeover.handover?.inheritance?.record ?? places.state.loaded.record
        let pages = try ServedPages(in: directory, continuing: takeover.handover?.page, record.generation, logger)
        let forged = ForgedFile(in: directory)
        let events = EventLog(logger)
        // A record of another boot is void, and so is what was published in it.
        let history = ChangeHistory(
            continuing: places.state.loaded == .fresh ? nil : directory.predecessorReseed)
        LibraryLog.redirect { message in events.report(message) }
        hostEntropy = try configuration.hasBackend ? HostEntropyReader(HostEntropy(configuration)) : nil
        service = try GenerationService(
            continuing: record, limits: takeover.limits(configuration.limits, logger),
            journal: StateJournal(state: places.state, page: pages.copy, forged: forged), page: pages.counterPage,
            mayPageBeWritten: pages.wasThereBefore,
            forged: forged.continued(at: record.generation, pageShowed: pages.found, logger),
            handover: takeover.handover,
            containers: ContainerDevices.continued(at: places, after: takeover, record.generation, logger),
            reseeder: Reseeder(hostEntropy),
            report: { event in
                events.report(event)
                history.note(event, at: WallClock.now())
            })
        (self.events, self.history) = (events, history)
        service.finishInheritedChange()
    }
}

extension ContainerDevices {
    /// The devices of containers that a predecessor has left; nil where there can be none.
    fileprivate static func continued(
        at places: Places, after takeover: Takeover, _ generation: Generation, _ logger: Logger
    ) -> ContainerDevices? {
        guard places.configuration.servesContainers else { return nil }
        do {
            let devices = try ContainerDevices(
                in: places.directory.path, limit: places.configuration.maxContainers, system: generation,
                last: takeover.handover?.inheritance?.lastContainerChange,
                isContinued: takeover.inheritance(of: .deviceDirectory) != nil)
            if let defect = devices.defect {
                logger.error(
                    """
                    \(places.directory.path(of: "device-table")) is damaged (\(defect)): containers have lost their \
                    devices, which have to be made again
                    """)
            }
            return devices
        } catch {
            logger.warning("containers have no devices of their own: \(error)")
            return nil
        }
    }
}
