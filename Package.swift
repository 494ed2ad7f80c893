// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

// With SYSGENID_SANITIZE=thread the locks tell Thread Sanitizer what they do (see `make test-sanitize`).
let locks: [SwiftSetting] =
    Context.environment["SYSGENID_SANITIZE"] == "thread" ? [.define("SYSGENID_THREAD_SANITIZER")] : []

let package = Package(
    name: "sysgenidd",
    products: [
        .executable(name: "sysgenidd", targets: ["sysgenidd"]),
        .executable(name: "sysgenidctl", targets: ["sysgenidctl"]),
        .executable(name: "sysgenid-overseerd", targets: ["sysgenid-overseerd"]),
        .executable(name: "sysgenid-conformance", targets: ["sysgenid-conformance"]),
        .library(name: "SysGenID", targets: ["SysGenID"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    ],
    targets: [
        // The state machine. It depends on nothing, so that it can be tested without a kernel.
        .target(name: "SysGenIDCore", swiftSettings: strict),

        // What programs print for other programs.
        .target(name: "SysGenIDJSON", swiftSettings: strict),

        // What Swift cannot say: the uapi header, layouts, variadic system calls, fork.
        .systemLibrary(name: "CFuse3", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .target(name: "CSysGenID", cSettings: [.treatAllWarnings(as: .error)]),

        .target(
            name: "SysGenIDSystem",
            dependencies: ["CSysGenID", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: strict + locks),
        // Varlink, for services and their clients: knows nothing of generations.
        .target(name: "SysGenIDVarlink", dependencies: ["SysGenIDJSON", "SysGenIDSystem"], swiftSettings: strict),
        .target(name: "SysGenIDSandbox", dependencies: ["CSeccomp"], swiftSettings: strict),
        .target(name: "SysGenIDFuse", dependencies: ["CFuse3", "SysGenIDSystem"], swiftSettings: strict),
        .target(name: "SysGenIDBackends", dependencies: ["SysGenIDCore", "SysGenIDSystem"], swiftSettings: strict),
        .target(
            name: "SysGenIDFrontends",
            dependencies: ["SysGenIDCore", "SysGenIDSystem", "SysGenIDFuse"],
            swiftSettings: strict),
        // The log of the programs that run on.
        .target(
            name: "SysGenIDLog",
            dependencies: [
                "SysGenIDSystem",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(
            name: "SysGenIDDaemon",
            dependencies: [
                "SysGenIDCore", "SysGenIDSystem", "SysGenIDFuse", "SysGenIDFrontends", "SysGenIDBackends",
                "SysGenIDJSON", "SysGenIDLog", "SysGenIDSandbox",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // For programs.
        .target(name: "SysGenID", dependencies: ["SysGenIDCore", "SysGenIDSystem"], swiftSettings: strict),
        .target(
            name: "SysGenIDCommands",
            dependencies: [
                "SysGenID", "SysGenIDJSON", "SysGenIDSystem", "SysGenIDVarlink",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // What acts on a change: a client of the device, in a process of its own.
        .target(
            name: "SysGenIDOverseer",
            dependencies: [
                "SysGenID", "SysGenIDJSON", "SysGenIDLog", "SysGenIDSystem", "SysGenIDVarlink",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("Interface/org.sysgenid.Overseer.varlink")], swiftSettings: strict),

        // The conformance suite: plain C clients that know nothing of this project but its uapi header.
        .target(name: "CConformanceClients", dependencies: ["CSysGenID"], cSettings: [.treatAllWarnings(as: .error)]),
        .target(
            name: "SysGenIDConformance",
            dependencies: [
                "CConformanceClients", "CSysGenID",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .executableTarget(name: "sysgenidd", dependencies: ["SysGenIDDaemon"], swiftSettings: strict),
        .executableTarget(name: "sysgenidctl", dependencies: ["SysGenIDCommands"], swiftSettings: strict),
        .executableTarget(name: "sysgenid-overseerd", dependencies: ["SysGenIDOverseer"], swiftSettings: strict),
        .executableTarget(name: "sysgenid-conformance", dependencies: ["SysGenIDConformance"], swiftSettings: strict),

        // A plain C client, and the tests that run everything as a user would.
        .executableTarget(
            name: "TestClient", dependencies: ["CSysGenID"], path: "Tests/TestClient",
            cSettings: [.treatAllWarnings(as: .error)]),
        // A program in Swift that uses the client library, for what can be seen in a process of its own only.
        .executableTarget(
            name: "LibraryClient", dependencies: ["SysGenID"], path: "Tests/LibraryClient", swiftSettings: strict),
        // Whatever a program without rights can do to the device, while another one looks.
        .executableTarget(
            name: "adversary", dependencies: ["CSysGenID"], path: "Tests/Adversary", exclude: ["run"],
            cSettings: [.treatAllWarnings(as: .error)]),
        // Hours of changes and faults, in which nothing may grow.
        .executableTarget(
            name: "soak", dependencies: ["SysGenIDSystem", "TestSupport", "TestClient", "sysgenidctl", "sysgenidd"],
            path: "Tests/Soak", swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CSysGenID", "PlayedServices", "SysGenID", "SysGenIDJSON", "SysGenIDSystem", "SysGenIDVarlink",
                "TestClient", "LibraryClient", "TestSupport", "adversary",
                "sysgenidd", "sysgenidctl", "sysgenid-overseerd", "sysgenid-conformance",
            ],
            swiftSettings: strict),

        // The laboratory: boots guests with real kernels and runs the tests of Tests/Lab/Guest in them.
        .executableTarget(
            name: "lab", dependencies: ["TestSupport"], path: "Tests/Lab/Host", swiftSettings: strict),

        .target(
            name: "TestSupport", dependencies: ["SysGenIDSystem"], path: "Tests/TestSupport", swiftSettings: strict),
        // An overseer that says what a test wants, and the monitor of a virtual machine before it.
        .target(
            name: "PlayedServices", dependencies: ["SysGenIDJSON", "SysGenIDSystem", "SysGenIDVarlink", "TestSupport"],
            path: "Tests/PlayedServices", swiftSettings: strict),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"], swiftSettings: strict),
        // What the state machine has to do, written in another way, for its tests and for fuzzing.
        .target(
            name: "StateModel", dependencies: ["SysGenIDCore", "TestSupport"], path: "Tests/StateModel",
            swiftSettings: strict),
        // Sees each store of a process to some files in memory.
        .target(name: "StoreWatch", path: "Tests/StoreWatch", cSettings: [.treatAllWarnings(as: .error)]),

        // What a takeover and a change are, to be explored in all orders of events. Optimised, since it is many states.
        .target(
            name: "TakeoverModel", path: "Tests/TakeoverModel", swiftSettings: strict + [.unsafeFlags(["-O"])]),
        .testTarget(
            name: "SysGenIDCoreTests", dependencies: ["SysGenIDCore", "StateModel", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDSystemTests",
            dependencies: [
                "CSysGenID", "SysGenIDSystem", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDVarlinkTests",
            dependencies: ["SysGenIDVarlink", "SysGenIDJSON", "SysGenIDSystem", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SysGenIDSandboxTests",
            dependencies: [
                "SysGenIDSandbox", "SysGenIDSystem", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDFuseTests", dependencies: ["SysGenIDFuse", "CSysGenID", "SysGenIDSystem"],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDFrontendsTests",
            dependencies: [
                "SysGenIDFrontends", "CSysGenID", "SysGenIDCore", "SysGenIDFuse", "SysGenIDSystem", "TakeoverModel",
                "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDBackendsTests",
            dependencies: ["SysGenIDBackends", "SysGenIDCore", "SysGenIDSystem", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "SysGenIDDaemonTests",
            dependencies: [
                "SysGenIDDaemon", "SysGenIDBackends", "SysGenIDCore", "SysGenIDFrontends", "SysGenIDFuse",
                "SysGenIDSandbox", "SysGenIDSystem", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDTests",
            dependencies: [
                "CSysGenID", "SysGenID", "SysGenIDCore", "SysGenIDSystem", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDCommandsTests",
            dependencies: [
                "SysGenIDCommands", "PlayedServices", "SysGenID", "SysGenIDJSON", "SysGenIDSystem", "SysGenIDVarlink",
                "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SysGenIDOverseerTests",
            dependencies: ["SysGenIDOverseer", "SysGenID", "SysGenIDSystem", "SysGenIDVarlink", "TestSupport"],
            swiftSettings: strict),
    ]
)

// What makes the pages of the client library, and is nobody else's dependency (see `make docs`).
if Context.environment["SYSGENID_DOCC"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

// What has to hold whatever comes in: the test of the kept inputs, or a program of libFuzzer (see `make fuzz`).
let isFuzzing = Context.environment["SYSGENID_FUZZ"] != nil
let fuzzed: [Target.Dependency] = [
    "CSysGenID", "StateModel", "SysGenIDBackends", "SysGenIDCore", "SysGenIDFrontends", "SysGenIDFuse",
    "SysGenIDJSON", "SysGenIDSystem", "SysGenIDVarlink", "TestSupport",
]
package.targets.append(
    isFuzzing
        ? .executableTarget(
            name: "fuzz", dependencies: fuzzed, path: "Tests/Fuzz", exclude: ["Corpus", "Replay", "Stores"],
            swiftSettings: strict)
        : .testTarget(
            name: "FuzzTests", dependencies: fuzzed + ["StoreWatch"], path: "Tests/Fuzz",
            exclude: ["Corpus", "Program"], swiftSettings: strict))

// A program that has a race on purpose, to be found.
if !locks.isEmpty {
    package.targets += [
        .executableTarget(
            name: "race", dependencies: ["SysGenIDSystem"], path: "Tests/Sanitizers/Race", swiftSettings: strict),
        .testTarget(
            name: "SanitizerTests", dependencies: ["race", "TestSupport"], path: "Tests/Sanitizers/Tests",
            swiftSettings: strict),
    ]
}
