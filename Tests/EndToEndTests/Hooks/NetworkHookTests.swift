import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The hooks that ask servers of a network: what they have done, by programs that only tell of it.
    @Suite struct NetworkHooks {
        private static let waiter = "/usr/lib/systemd/systemd-networkd-wait-online"

        @Test(.needsProgram(waiter)) func leasesAreDroppedBeforeTheRestartAndWaitedFor() throws {
            var system = try HookSystem()
            try system.write("run/active", "systemd-networkd.service\n")
            try FileManager.default.createDirectory(
                atPath: system.path("run/systemd/netif/leases"), withIntermediateDirectories: true)
            try system.write("run/systemd/netif/leases/2", "CLIENTID=of before\n")
            try system.replace("waiter", by: "ls /run/systemd/netif/leases >>/run/trace; echo \"wait $*\" >>/run/trace")
            system.preparation = "mount --bind \"$1/bin/waiter\" \(Self.waiter)"
            #expect(try system.run("40-networkd").code == 0)
            #expect(system.calls == ["systemctl restart systemd-networkd.service", "wait --timeout=0 --quiet"])
            try system.replace("waiter", by: "exit 1")
            #expect(try system.run("40-networkd").code == 1)
        }

        @Test(arguments: ["40-networkd", "45-clock"]) func withoutTheServiceItFails(_ hook: String) throws {
            let outcome = try HookSystem().run(hook)
            #expect(outcome.code == 1 && outcome.lines.count == 1, "\(outcome.lines)")
        }

        @Test(arguments: ["chrony.service", "chronyd.service"]) func chronyMeasuresAnewAndSteps(_ unit: String) throws {
            let system = try HookSystem()
            try system.write("run/active", unit + "\n")
            try system.replace(
                "chronyc", by: "for word; do echo \"$word\" >>/run/trace; done; echo 200 OK; [ ! -e /run/failing ]")
            let outcome = try system.run("45-clock")
            #expect(outcome.code == 0 && outcome.lines == [])
            #expect(system.calls == ["-m", "reset sources", "burst 3/6", "waitsync 0 0 0 0.2", "makestep"])
            try system.write("run/failing", "")
            let second = try system.run("45-clock")
            #expect(second.code == 1 && second.lines == ["200 OK"])
        }

        @Test func timesyncdIsWaitedFor() throws {
            let system = try HookSystem()
            try FileManager.default.createDirectory(
                atPath: system.path("run/systemd/timesync"), withIntermediateDirectories: true)
            try system.write("run/systemd/timesync/synchronized", "of before")
            // It sets the clock a moment after it was started.
            try system.replace(
                "systemctl",
                by: """
                    case "$*" in
                    *is-active*timesyncd*) ;;
                    *is-active*) exit 3 ;;
                    *restart*)
                        [ ! -e /run/systemd/timesync/synchronized ] || exit 1
                        (until [ -e /run/waits ]; do sleep 0.05; done; : >/run/systemd/timesync/synchronized) &
                        ;;
                    esac
                    """)
            try system.replace("sleep", by: ": >/run/waits; exec /bin/sleep \"$@\"")
            #expect(try system.run("45-clock").code == 0)
            #expect(system.read("run/waits") == "")
        }
    }
}
