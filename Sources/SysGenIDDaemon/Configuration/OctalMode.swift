internal import ArgumentParser

/// The permissions of a file, in octal digits.
struct OctalMode: ExpressibleByArgument {
    var permissions: UInt32

    init(permissions: UInt32) {
        self.permissions = permissions
    }

    init?(argument: String) {
        guard let permissions = UInt32(argument, radix: 8), permissions <= 0o777 else { return nil }
        self.permissions = permissions
    }

    var defaultValueDescription: String { "0" + String(permissions, radix: 8) }
}
