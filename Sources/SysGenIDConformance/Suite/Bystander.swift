internal import CConformanceClients
internal import Glibc

extension Device {
    /// Somebody else opens the device, looks at it, reads and closes it: whatever others are in the midst of, each of
    /// these comes to its end at once.
    func expectOpenForOthers(_ step: String) throws {
        let path = path
        let bystander = try Client(keeping: []) {
            let opened = client_open(path, O_RDONLY | O_NONBLOCK)
            guard let descriptor = opened.resultValue else { return opened }
            let watcher = Watcher(descriptor: descriptor)
            let status = watcher.status()
            guard status == .done else { return status }
            let events = watcher.events()
            guard events == Watcher.noEvents else { return events }
            let answer = watcher.read()
            watcher.close()
            return answer
        }
        try expect(bystander.answer(), equals: .failure(EAGAIN), "\(step), and another process")
    }
}
