internal import Glibc

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

    /// That of the running kernel.
    public static var current: KernelRelease {
        var name = utsname()
        uname(&name)
        return KernelRelease(
            withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }

    /// Whether FUSE can let a file map another one: passthrough came with 6.9.
    public var hasFusePassthrough: Bool { (major, minor) >= (6, 9) }
}
