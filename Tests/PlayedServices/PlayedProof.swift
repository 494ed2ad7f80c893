import Foundation
public import SysGenIDJSON

/// What an overseer may say, for those that are played.
public enum PlayedProof {
    /// The description of the interface, as it is installed.
    public static var description: String {
        get throws {
            let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let file = project.appending(path: "Sources/SysGenIDOverseer/Interface/org.sysgenid.Overseer.varlink")
            return try String(contentsOf: file, encoding: .utf8)
        }
    }

    public static let hook: JSON = .object([
        "name": .string("50-systemd"), "phase": .string("changed"), "optional": .boolean(false),
        "outcome": .string("failed"), "status": .number(3), "milliseconds": .number(12),
    ])

    public static func proof(generation: Int = 7, cause: String = "vmgenid") -> JSON {
        .object([
            "generation": .number(generation), "cause": .string(cause),
            "reseed": .object([
                "generation": .number(generation), "taken": .boolean(true),
                "sources": .array([.string("identity"), .string("host")]), "remark": .null,
            ]),
            "hooks": .array([hook]),
            "watchers": .object(["all": .number(3), "tracked": .number(1), "outdated": .number(0)]),
            "milliseconds": .number(345),
        ])
    }
}
