/// What a term of ACPI Machine Language comes to (ACPI 6.5, 19.3.5).
indirect enum AMLValue {
    /// An element of a package, a local variable or an argument that was given no value.
    case uninitialized
    case integer(UInt64)
    case string([UInt8])
    case buffer([UInt8])
    case package(AMLPackage)
    case reference(AMLPlace)
    /// An element of a package that is named, and of which it is seen later what it is.
    case named(AMLName, scope: Int)

    /// How deep packages may lie in packages.
    static let depthLimit = 16

    fileprivate var depth: Int {
        if case .package(let package) = self { package.depth } else { 0 }
    }

    /// How many bytes or elements have to be copied for a copy of it.
    var size: Int {
        switch self {
        case .string(let bytes), .buffer(let bytes): bytes.count
        case .package(let package): package.elements.count
        default: 1
        }
    }
}

/// The elements of a package.
struct AMLPackage {
    private(set) var elements: [AMLValue]
    /// At least how deep packages lie in it. Without a limit, one that is stored into itself again and again would be
    /// too deep to be taken down.
    fileprivate private(set) var depth = 1

    /// Whether there may be elements that are names.
    let hasNames: Bool

    init(_ elements: [AMLValue]) throws(AMLDefect) {
        self.elements = elements
        hasNames = elements.contains { if case .named = $0 { true } else { false } }
        for element in elements { try note(element) }
    }

    subscript(index: Int) -> AMLValue? { elements.indices.contains(index) ? elements[index] : nil }

    /// Changes an element in place.
    mutating func change(
        _ index: Int, _ body: (inout AMLValue) throws(AMLDefect) -> Void
    ) throws(AMLDefect) {
        guard elements.indices.contains(index) else { throw .refused("an index behind the end of a package") }
        // The element is taken out, so that nothing of it is copied.
        var element = AMLValue.uninitialized
        swap(&element, &elements[index])
        defer { swap(&element, &elements[index]) }
        try body(&element)
        guard element.depth < AMLValue.depthLimit else {
            element = .uninitialized
            throw .tooIntricate
        }
        depth = max(depth, element.depth + 1)
    }

    private mutating func note(_ element: AMLValue) throws(AMLDefect) {
        guard element.depth < AMLValue.depthLimit else { throw .tooIntricate }
        depth = max(depth, element.depth + 1)
    }
}

/// Where a value lies that can be referred to.
struct AMLPlace: Hashable {
    enum Base: Hashable {
        /// An object of the namespace.
        case node(Int)
        /// A local variable of the call with this number.
        case local(call: Int, Int)
        case argument(call: Int, Int)
        /// Something that has no name.
        case temporary(Int)
    }

    var base: Base
    /// Which element of it, and which element of that, and so on.
    var indices: [Int] = []
}
