// swift-tools-version: 6.2

import PackageDescription

// The runner alone, in a package of its own, so that nobody builds it who does not measure. What it runs is plain C,
// built by bench.mk: a program of a Swift package would load Swift's library, and that would be measured with it.
let package = Package(
    name: "benchmarks",
    targets: [
        .executableTarget(
            name: "bench", swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
