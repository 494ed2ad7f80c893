// swift-tools-version: 6.2

import PackageDescription

// A user's package: it depends on the product SysGenID, here by a path, elsewhere by the URL of the repository.
let package = Package(
    name: "SysGenIDExamples",
    dependencies: [.package(name: "sysgenidd", path: "../..")],
    targets: [
        "watchdog", "async-sequence", "event-loop", "cached-secret", "overseer", "uuid-service", "container-device",
    ].map { name in
        .executableTarget(
            name: name,
            dependencies: [.product(name: "SysGenID", package: "sysgenidd")],
            path: name,
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    }
)
