import Foundation

/// What a measurement needs of the machine.
enum Machine {
    /// What is missing, as in "measured with ... only"; nil where nothing is.
    static var lack: String? {
        guard getuid() == 0 else { return "by root only" }
        guard access("/dev/fuse", R_OK | W_OK) == 0 else { return "with /dev/fuse only" }
        // Older kernels are served in another way, and the C daemon does not know it.
        guard isKernel(atLeast: (6, 9)) else { return "on Linux 6.9 and later only" }
        return nil
    }

    static var release: String {
        (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8))
            .map { String($0.prefix { $0.isNumber || $0 == "." }) } ?? "unknown"
    }

    private static func isKernel(atLeast wanted: (Int, Int)) -> Bool {
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 && (numbers[0], numbers[1]) >= wanted
    }
}
