/// The release of the running kernel. See uname(2).
public struct KernelRelease: Hashable, Sendable, CustomStringConvertible {
    public var description: String
    public var major: Int
    public var minor: Int

    /// Reads a release, as "6.12.9-cloud"; parts that are no numbers count as 0.
    public init(_ release: String) {
        description = release
        let numbers = release.split(separator: ".", maxSplits: 2).prefix(2).map { part in
            Int(part.prefix { $0.isASCII && $0.isNumber }) ?? 0
        }
        major = numbers.first ?? 0
        minor = numbers.dropFirst().first ?? 0
    }

    /// That of the running kernel, as its /proc has it below the given directory. See proc(5).
    public static func current(systemRoot: String = "/") throws(SystemCallFailure) -> KernelRelease {
        let text = try Files.read("\(systemRoot)/proc/sys/kernel/osrelease", limit: 256)
        return KernelRelease(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Whether FUSE can let a file map another one: passthrough came with 6.9.
    public var hasFusePassthrough: Bool { (major, minor) >= (6, 9) }
}
