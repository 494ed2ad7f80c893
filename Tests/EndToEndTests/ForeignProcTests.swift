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

        @Test func nobodyMayTrigger() throws {
            let device = try TestDevice()
            defer { device.end() }
            let client = try start(device, then: "exec \"$client\" trigger \"$device\"")
            try client.send("")
            #expect(try client.exitCode() == EACCES, "\(client.text)")
            #expect(client.text.contains("process 1 of user 0 may not trigger a change"))
        }

        /// In /proc his number is that of somebody who has no share.
        @Test func aUserIsCountedByHisNumber() throws {
            let device = try TestDevice()
            defer { device.end() }
            let administrator = try device.run("/bin/sleep", ["1000"])
            let number = administrator.processID
            let client = try start(
                device, ["--max-watchers", "20"],
                then: """
                    echo \(number - 1) >/proc/sys/kernel/ns_last_pid
                    setpriv --reuid 65534 --regid 65534 --clear-groups "$client" open "$device" 20 &
                    echo "number $!"
                    wait $!
                    """)
            try client.send("")
            #expect(try client.exitCode() == EMFILE, "\(client.text)")
            #expect(client.lines.contains("number \(number)"), "\(client.text)")
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
