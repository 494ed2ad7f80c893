// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

// The uapi header, and the layouts of the FUSE protocol that the headers of Debian 12 lack.
let plain: [CSetting] = [
    .unsafeFlags(["-I", "\(Context.packageDirectory)/../Sources/CSysGenID/include", "-std=gnu11", "-Wextra"]),
    .treatAllWarnings(as: .error),
]

// A package of its own, so that nobody builds it who does not measure. Of the daemon it needs the program only.
let package = Package(
    name: "benchmarks",
    products: [.library(name: "allocation-counter", type: .dynamic, targets: ["allocation-counter"])],
    targets: [
        // The runner: starts the daemons, measures in turn, prints the table.
        .executableTarget(name: "bench", swiftSettings: strict),
        // Measures one figure of one daemon, or its floor.
        .executableTarget(name: "measure", cSettings: plain),
        // The device as a small C program serves it: what libfuse and the kernel cost without ours.
        .executableTarget(name: "c-daemon", cSettings: plain, linkerSettings: [.linkedLibrary("fuse3")]),
        // Counts the allocations of each thread of a program that it is preloaded into.
        .target(name: "allocation-counter", cSettings: plain),
    ]
)
