import SysGenIDCore
import SysGenIDSystem

/// A device that somebody else serves, opened to be triggered and followed.
struct DrivenDevice: ~Copyable, Sendable {
    /// Who serves a device.
    enum Server: Hashable, Sendable {
        /// A driver of the kernel's.
        case kernel
        /// A daemon as this one, by CUSE or by FUSE.
        case daemon
    }

    let server: Server
    /// What was found at its path.
    let place: Place
    let versions: DeviceVersions
    private let file: DeviceFile

    /// Who serves what is at the path, as far as the kernel tells by itself; nil where it can be no device.
    ///
    /// - Parameter systemRoot: below which /sys is looked at.
    static func server(of place: Place, at path: String, systemRoot: String) -> Server? {
        switch place.kind {
        case .characterDevice:
            Files.deviceClass(of: place.device, systemRoot: systemRoot) == "cuse" ? .daemon : .kernel
        case .regular where Mounts.isOurs(path): .daemon
        default: nil
        }
    }

    /// Opens the device at the path.
    ///
    /// - Parameter server: only what is served so is opened; nil is any.
    /// - Returns: nil where what is there does not answer as a System Generation ID device.
    /// - Throws: where it may be one, and cannot be opened.
    static func open(
        _ path: String, in namespace: MountNamespace, systemRoot: String, servedBy wanted: Server? = nil
    ) throws(FrontendFailure) -> DrivenDevice? {
        let outcome: Result<Opened?, FrontendFailure>
        do throws(SystemCallFailure) {
            outcome = try namespace.perform {
                Result { () throws(FrontendFailure) in try opened(path, systemRoot: systemRoot, servedBy: wanted) }
            }
        } catch {
            throw FrontendFailure("cannot enter the mount namespace", because: error)
        }
        guard let opened = try outcome.get() else { return nil }
        let file = DeviceFile(adopting: OwnedDescriptor(owning: opened.number), at: path)
        let versions = file.answeredVersions()
        guard !versions.isEmpty else { return nil }
        return DrivenDevice(server: opened.server, place: opened.place, versions: versions, file: file)
    }

    /// A descriptor that has no owner yet.
    private struct Opened: Sendable {
        var server: Server
        var place: Place
        var number: CInt
    }

    /// Opens what is at the path in this thread's namespace, not to block.
    private static func opened(
        _ path: String, systemRoot: String, servedBy wanted: Server?
    ) throws(FrontendFailure) -> Opened? {
        guard let place = try? Files.place(path), let server = server(of: place, at: path, systemRoot: systemRoot),
            wanted == nil || server == wanted
        else { return nil }
        guard Liveness.ofFile(path) != .silent else {
            throw FrontendFailure("\(path) belongs to a daemon that does not answer: end it, and try again")
        }
        do throws(SystemCallFailure) {
            let number = try openFile(path, [.readWrite, .nonBlocking, .noControllingTerminal]).release()
            return Opened(server: server, place: place, number: number)
        } catch {
            switch error.errno {
            case .permissionDenied, .notPermitted:
                throw FrontendFailure(
                    "cannot open \(path) (\(error.errno)): start sysgenidd as root, and where it is a service, let it "
                        + "have the device by 'DeviceAllow=\(path) rw'")
            case .socketNotConnected, .connectionAbort:
                throw FrontendFailure("\(path) belonged to a daemon that is gone: remove it, and try again")
            default: return nil
            }
        }
    }

    /// The generation that the page shows; nil where the device cannot be mapped.
    var mappedGeneration: Generation? {
        (try? file.mapGeneration(at: 0)).map { Generation(rawValue: $0.load()) }
    }

    /// The generation, found out by asking: the device takes an acknowledgement of the current one only.
    ///
    /// - Parameter expected: the number that is asked for first.
    /// - Returns: nil where it is none of the numbers that are asked for.
    func askedGeneration(expecting expected: Generation) throws(SystemCallFailure) -> Generation? {
        if let news = try take() { return news }
        if try acknowledge(expected.rawValue) { return expected }
        for number in 0...Self.lastAsked {
            if try acknowledge(number) { return Generation(rawValue: number) }
        }
        // It may have changed meanwhile.
        return try take()
    }

    /// The last number that is asked for, of those that a counter comes to.
    private static let lastAsked: UInt32 = 65_535

    /// Takes the news where there are any: reads the generation and acknowledges it. One that has changed again
    /// meanwhile is news still.
    ///
    /// - Returns: nil where there are none.
    func take() throws(SystemCallFailure) -> Generation? {
        do throws(SystemCallFailure) {
            let number = try file.read()
            _ = try acknowledge(number)
            return Generation(rawValue: number)
        } catch {
            guard error.errno == .wouldBlock || error.errno == .interrupted else { throw error }
            return nil
        }
    }

    /// Whether the number is the current generation, which is acknowledged then.
    private func acknowledge(_ number: UInt32) throws(SystemCallFailure) -> Bool {
        do throws(SystemCallFailure) {
            try file.write(number)
            return true
        } catch {
            guard error.errno == .invalidArgument || error.errno == .interrupted else { throw error }
            return false
        }
    }

    /// Makes a change, to the minimum at least. It takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN.
    func trigger(atLeast minimum: Generation) throws(SystemCallFailure) {
        _ = try file.request(versions.trigger, UInt(minimum.rawValue))
    }

    /// How many of its open files are outdated; nil where it has no request for that, which only version 4 has.
    var outdatedCount: Int? {
        guard versions.contains(.v4) else { return nil }
        return (try? file.request(.countOutdated, 0)).map { Int($0) }
    }

    /// Readable while there are news.
    var descriptor: CInt { file.number }
}
