internal import ArgumentParser

// What the argument library makes of `CaseIterable` and of numbers by itself, it makes by key paths and by casts, each of
// which looks through all conformances of the program, at every start. So these types say all that it asks for.

/// One of some words.
protocol Choice: RawRepresentable, ExpressibleByArgument where RawValue == String {
    /// In the order in which they are told.
    static var all: [Self] { get }
}

extension Choice {
    init?(argument: String) {
        self.init(rawValue: argument)
    }

    var defaultValueDescription: String { rawValue }

    static var allValueStrings: [String] { all.map { $0.rawValue } }

    static var allValueDescriptions: [String: String] { [:] }

    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// A time in milliseconds.
struct Milliseconds: ExpressibleByArgument {
    var value: Int32

    init(_ value: Int32) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Int32(argument) else { return nil }
        self.value = value
    }

    var defaultValueDescription: String { String(value) }
}

/// How many of something.
struct Count: ExpressibleByArgument {
    var value: Int

    init(_ value: Int) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Int(argument) else { return nil }
        self.value = value
    }

    var defaultValueDescription: String { String(value) }
}

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
