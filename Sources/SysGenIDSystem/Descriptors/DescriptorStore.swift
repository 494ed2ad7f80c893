internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Descriptors that the service manager keeps for the next process of the service. See sd_notify(3), FDSTORE, and
/// systemd.service(5), FileDescriptorStoreMax.
public enum DescriptorStore {
    /// How many descriptors are taken at most; more are closed unseen.
    private static let limit = 64

    /// The descriptors that the manager has passed to this process, by their names; close-on-exec from now on. The
    /// variables are taken away. See sd_listen_fds(3).
    ///
    /// - Parameter known: the names that mean something. Other descriptors are closed, as are all but the first of
    ///   one name.
    public static func takePassed(_ known: Set<String>) -> PassedDescriptors {
        var passed = PassedDescriptors()
        for (number, name) in numbersPassed() {
            // Where it cannot be close-on-exec it is taken all the same: one that stayed open unseen would keep a connection
            // alive that nobody serves.
            guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 || fcntl(number, F_GETFD) >= 0 else { continue }
            let descriptor = OwnedDescriptor(owning: number)
            guard let name, known.contains(name) else { continue }
            passed.add(descriptor, named: name)
        }
        return passed
    }

    /// The numbers of the descriptors that the manager has passed to this process, with their names where they have one.
    /// The variables are taken away. See sd_listen_fds(3).
    static func numbersPassed() -> [(number: CInt, name: String?)] {
        let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]
        let values = variables.map { Surroundings.variable($0) }
        variables.forEach { unsetenv($0) }
        guard values[0] == "\(getpid())", let count = values[1].flatMap(Int.init), (1...limit).contains(count) else {
            return []
        }
        let names = (values[2] ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return (0..<count).map { (firstPassed + CInt($0), $0 < names.count ? names[$0] : nil) }
    }

    /// SD_LISTEN_FDS_START.
    private static let firstPassed: CInt = 3
}

/// Descriptors with names, each to be taken once. What nobody takes is closed.
public struct PassedDescriptors: ~Copyable {
    private var numbers: [String: CInt] = [:]

    deinit {
        numbers.values.forEach { close($0) }
    }

    /// The names of the descriptors that are left.
    public var names: Set<String> { Set(numbers.keys) }

    /// The number of a descriptor, which is open until it is taken.
    public func number(of name: String) -> CInt? { numbers[name] }

    public mutating func take(_ name: String) -> OwnedDescriptor? {
        numbers.removeValue(forKey: name).map { OwnedDescriptor(owning: $0) }
    }

    fileprivate mutating func add(_ descriptor: consuming OwnedDescriptor, named name: String) {
        guard numbers[name] == nil else { return }
        numbers[name] = descriptor.release()
    }
}

extension ServiceManager {
    /// Asks the manager to keep a copy of the descriptor. It does not look whether the descriptor is hung up, which
    /// it would take for the end of its use.
    ///
    /// - Throws: where the manager cannot be asked. Whether it keeps the descriptor, it does not say.
    public func keep(_ descriptor: CInt, named name: String) throws(SystemCallFailure) {
        let message = Array("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0".utf8)
        var failure: Errno? = .invalidArgument
        withAddress { address, size in
            do throws(Errno) {
                _ = try valueOrErrno {
                    csysgenid_send_descriptor(
                        socket.rawValue, address, Int(size), message, message.count, descriptor)
                }
                failure = nil
            } catch {
                failure = error
            }
        }
        if let failure { throw SystemCallFailure("sendmsg", "FDSTORE=1 of \(name)", failure) }
    }

    /// Asks the manager to close the descriptors of the name.
    public func forget(_ name: String) {
        notify("FDSTOREREMOVE=1", "FDNAME=\(name)")
    }
}
