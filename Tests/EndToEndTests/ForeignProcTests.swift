import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// A daemon in a pid namespace where /proc is that of the namespace around it: whoever has the number of a client
    /// there is somebody else. The client here is number 1, and what /proc shows as that may do everything.
    @Suite struct ForeignProc {
        /// Starts a daemon in a namespace of its own, whose first process runs a command when it is sent a line.
        private func start(_ device: TestDevice, _ options: [String] = [], then command: String) throws
            -> RunningProgram
        {
            let script = """
                sysgenidd=$1 client=$2 device=$3
                shift 3
                "$sysgenidd" --device "$device" --frontend fuse --backend manual "$@" &
                read line
                \(command)
                """
            let program = try device.run(
                "/usr/bin/unshare",
                ["--pid", "--fork", "--kill-child", "/bin/sh", "-c", script, "sh", Built.path(of: "sysgenidd")]
                    + [Built.path(of: "TestClient"), device.path, "--runtime-dir", device.runtimeDirectory] + options)
            try program.waitFor("serving \(device.path)")
            return program
        }

        /// Lets a command be run there by a process whose number is, in /proc, that of somebody else's.
        ///
        /// - Parameters:
        ///   - preparation: what is done before.
        ///   - text: what is said before all ends there: the daemon is killed with the first process of its namespace.
        private func run(
            _ command: String, as namesake: RunningProgram, _ device: TestDevice, _ options: [String] = [],
            after preparation: String = ":", until text: String = "number"
        ) throws -> (code: Int32, text: String) {
            let number = namesake.processID
            let program = try start(
                device, options,
                then: """
                    \(preparation)
                    echo \(number - 1) >/proc/sys/kernel/ns_last_pid
                    \(command) &
                    echo "number $!"
                    wait $!
                    code=$?
                    read line
                    exit $code
                    """)
            try program.send("")
            try program.waitFor(text)
            try program.send("")
            let code = try program.exitCode()
            try #require(program.lines.contains("number \(number)"), "\(program.text)")
            namesake.end()
            return (code, program.text)
        }

        @Test func nobodyMayTrigger() throws {
            let device = try TestDevice()
            defer { device.end() }
            let administrator = try device.run("/bin/sleep", ["1000"])
            let (code, text) = try run(
                "\"$client\" trigger \"$device\"", as: administrator, device,
                until: "process \(administrator.processID) of user 0 may not trigger a change")
            #expect(code == EACCES, "\(text)")
        }

        /// What is left for others, as for those who live in a user namespace, is not left for him.
        @Test func aUserIsCountedByHisNumber() throws {
            let device = try TestDevice()
            defer { device.end() }
            let other = try device.run("/usr/bin/unshare", ["--user", "/bin/sleep", "1000"])
            try waitUntil("the other user's namespace") {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(other.processID)/ns/user")
                    != FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/user")
            }
            let user = "setpriv --reuid 65534 --regid 65534 --clear-groups"
            let (code, text) = try run(
                "\(user) \"$client\" open \"$device\" 1", as: other, device, ["--max-watchers", "20"],
                after: """
                    \(user) sh -c 'exec 3<"$0" 4<"$0"; echo held; exec sleep 1000' "$device" >\(device.folder)/held &
                    until grep -q held \(device.folder)/held; do sleep 0.02; done
                    """)
            #expect(code == EMFILE, "\(text)")
        }

        @Test func nobodyIsTakenForAnotherProcess() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let shell = try start(
                device, ["--backend", "file", "--backend-file", device.identityFile],
                then: "exec 3<\"$device\"; echo opened; read line")
            try shell.send("")
            try shell.waitFor("opened\n")
            try device.setIdentity(2)
            try waitUntil("the outdated watcher") { device.attribute("outdated") == "1" }
            #expect(device.attribute("outdated_processes") == "1 (gone)")
        }
    }
}
