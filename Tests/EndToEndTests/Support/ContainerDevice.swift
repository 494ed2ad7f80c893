import Foundation
import TestSupport
import Testing

/// The device of a container, at a path below the directory that a test's own daemon serves.
struct ContainerDevice {
    let device: TestDevice
    let path: String

    init(_ device: TestDevice, path: String) {
        (self.device, self.path) = (device, path)
    }

    init(_ device: TestDevice, _ name: String) {
        self.init(device, path: "\(device.devicesDirectory)/containers/\(name)/sysgenid")
    }

    /// Starts a plain client of it and waits until it is about to block.
    func client(_ command: String, _ arguments: String..., by tool: [String] = []) throws -> RunningProgram {
        try device.client(command, arguments, at: path, by: tool)
    }

    /// A client that does what it is told, and is ready for it.
    func interaction() throws -> RunningProgram {
        let client = try client("interact")
        try client.waitFor("ready")
        return client
    }

    /// Makes a change through it: 0, or the number of the error.
    func trigger(by tool: [String] = []) throws -> Int32 {
        try client("trigger", by: tool).exitCode()
    }

    /// What a new mapping of its page shows.
    func generation() throws -> String? {
        let page = try client("map")
        defer { page.end() }
        return try page.answer("look")
    }

    /// Starts the overseer's call: it ends with 0, or with 3 when the time is over before the watchers have readjusted.
    func wait(milliseconds: String = TestDevice.untilTheCap) throws -> RunningProgram {
        try device.run(
            "sysgenidctl", ["--device", path, "wait", "--timeout", milliseconds],
            environment: ["SYSGENID_RUNTIME_DIR": device.runtimeDirectory])
    }
}

extension RunningProgram {
    /// Asks again and again until the answer is this one: who has ended is no watcher a little later.
    func awaitAnswer(_ expected: String, to line: String) throws {
        try waitUntil("\(expected) for \(line)", details: { text }) { try answer(line) == expected }
    }
}

extension TestDevice {
    /// Where the daemon shows the system's device and those of containers.
    var devicesDirectory: String { runtimeDirectory + "/devices" }

    /// The system's device in that directory.
    var systemDevice: ContainerDevice { ContainerDevice(self, path: devicesDirectory + "/sysgenid") }

    /// What runs a program as another user.
    static func becoming(_ userID: Int) -> [String] {
        ["setpriv", "--reuid", "\(userID)", "--regid", "\(userID)", "--clear-groups"]
    }
}

/// A client that makes, changes and looks at what is in the directory of devices, and says what came of it. A daemon that
/// does not answer holds up this client alone.
struct DeviceTree {
    private let device: TestDevice
    private let client: RunningProgram

    /// - Parameter tool: what starts the client, as another user, say.
    init(_ device: TestDevice, by tool: [String] = []) throws {
        self.device = device
        client = try device.client("tree", at: device.devicesDirectory, by: tool)
        try client.waitFor("ready")
    }

    /// Asks for one thing: the verb, a path below the directory, and more. The answer is 0, the name of an error, or what
    /// was to be looked at.
    func ask(_ words: String...) throws -> String? {
        try client.answer(Self.line(words))
    }

    /// Asks for what takes long, and does not wait for its end.
    func begin(_ words: String...) throws {
        try client.send(Self.line(words))
    }

    /// Makes a container's device that has to be made.
    func make(_ name: String) throws -> ContainerDevice {
        try #require(try ask("mkdir", "containers/\(name)") == "0")
        return ContainerDevice(device, name)
    }

    /// The names in a directory, sorted.
    func names(in path: String) throws -> [String] {
        let answer = try #require(try ask("list", path))
        try #require(answer.hasPrefix("["), "\(answer)")
        return answer.dropFirst().split(separator: " ").map(String.init)
    }

    /// The names of all containers, sorted.
    func containers() throws -> [String] { try names(in: "containers") }

    /// What it has said so far.
    var lines: [String] { client.lines }

    var isRunning: Bool { client.isRunning }

    private static func line(_ words: [String]) -> String {
        words.map { word in
            word.utf8.map { byte in
                let isPlain = (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "%")
                return isPlain ? "\(UnicodeScalar(byte))" : String(format: "%%%02x", Int(byte))
            }.joined()
        }.joined(separator: " ")
    }
}
