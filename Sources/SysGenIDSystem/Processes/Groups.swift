internal import Glibc

/// The numbers of groups.
public enum Groups {
    /// The number of a group, by its name or its number in decimal; nil where there is none. Every service that knows
    /// groups is asked. See getgrnam(3).
    public static func id(named name: String) -> UInt32? {
        // The last number stands for "no group" in system calls.
        if name.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), !name.isEmpty {
            return UInt32(name).flatMap { $0 == .max ? nil : $0 }
        }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        // A group may have any number of members.
        for size in [1_024, 65_536, 4 << 20] {
            let result = withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) {
                getgrnam_r(name, &entry, $0.baseAddress!, size, &found)
            }
            guard result == ERANGE else { return found == nil ? nil : entry.gr_gid }
        }
        return nil
    }

    /// Where a system keeps groups of its own: the second is that of systems whose image cannot be written to, as nss-altfiles
    /// reads it.
    private static let tables = ["/etc/group", "/usr/lib/group"]

    /// The number of a group of this system's own; nil where it has none of that name. No service is asked, which a
    /// system that starts may not reach yet. See group(5).
    public static func id(ofLocal name: String) -> UInt32? {
        tables.lazy.compactMap { id(of: name, in: $0) }.first
    }

    static func id(of name: String, in table: String) -> UInt32? {
        guard let contents = try? Files.read(table, limit: 4 << 20) else { return nil }
        return contents.withUnsafeBytes { bytes in
            for line in bytes.parts(between: "\n") {
                var fields = line.parts(between: ":")
                guard fields.next()?.isText(name) == true, fields.next() != nil, let number = fields.next() else {
                    continue
                }
                return UInt32(String(decoding: number, as: UTF8.self)).flatMap { $0 == .max ? nil : $0 }
            }
            return nil
        }
    }
}
