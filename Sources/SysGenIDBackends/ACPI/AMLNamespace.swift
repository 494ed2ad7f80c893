/// What has a name in the ACPI namespace (ACPI 6.5, 5.3).
enum AMLObject {
    /// Of the kinds that only hold others, and what ObjectType says of them (ACPI 6.5, table 19.37).
    case scope(type: UInt64)
    case device
    case value(AMLValue)
    case method(AMLMethod)
    case region(AMLRegion)
    case field(AMLField)
    /// Bits of a buffer.
    case bufferField(AMLPlace, bits: Range<Int>)
    case mutex, event
    /// Another name of the same object.
    case alias(Int)
    /// The method that says which operating systems the kernel takes itself for.
    case operatingSystemInterface
    /// It is there no more, as after the end of the method that declared it.
    case removed
}

struct AMLMethod {
    var argumentCount: Int
    var body: AMLCode
}

/// Where terms or bytes lie.
struct AMLCode: Hashable {
    /// The number of the table, in the order in which they were loaded.
    var table: Int
    var bytes: Range<Int>
}

struct AMLRegion {
    var space: UInt64
    /// Where it begins and how long it is, in bytes; nil where that could not be said when it was declared.
    var extent: (base: UInt64, length: UInt64)?
    /// The operation that declares it.
    var declaration: AMLCode
    var scope: Int
}

struct AMLField {
    /// What it lies in; nil for those that are reached by a store to something else (IndexField and BankField).
    var region: Int?
    /// Which bits it is of the region.
    var bits: Range<Int>
}

/// The names of all tables, each an index in one array.
struct AMLNamespace {
    struct Node {
        var segment: AMLNameSegment
        var parent: Int
        /// How many levels it is below the root.
        var depth = 0
        /// In the order of their declaration.
        var children: [AMLNameSegment: Int] = [:]
        var object: AMLObject
        /// The table that declares it; nil for what is there without one.
        var table: Int?
    }

    private(set) var nodes: [Node] = []

    static let root = 0
    static let countLimit = 1 << 20
    /// How deep names may be nested, so that looking one up takes no time.
    static let depthLimit = 64

    /// The names that are there before any table (ACPI 6.5, 5.3.1 and 5.7).
    init() {
        func segment(_ name: String) -> AMLNameSegment { AMLNameSegment(name.utf8)! }
        let scope = AMLObject.scope(type: 6)
        nodes = [Node(segment: segment("____"), parent: 0, object: scope)]
        let predefined: [(String, AMLObject)] = [
            ("_GPE", scope), ("_PR_", scope), ("_SB_", scope), ("_SI_", scope), ("_TZ_", scope), ("_GL_", .mutex),
            ("_OS_", .value(.string(Array("Microsoft Windows NT".utf8)))), ("_REV", .value(.integer(2))),
            ("_OSI", .operatingSystemInterface),
        ]
        for (name, object) in predefined { append(segment(name), in: Self.root, object, table: nil) }
    }

    @discardableResult
    private mutating func append(
        _ segment: AMLNameSegment, in parent: Int, _ object: AMLObject, table: Int?
    ) -> Int {
        nodes.append(
            Node(
                segment: segment, parent: parent, depth: nodes[parent].depth + 1, object: object, table: table))
        nodes[parent].children[segment] = nodes.count - 1
        return nodes.count - 1
    }

    subscript(node: Int) -> AMLObject {
        get { nodes[node].object }
        set { nodes[node].object = newValue }
    }

    /// The object of a name as it is used in a scope: a single segment is looked for in all scopes on the way up
    /// (ACPI 6.5, 5.3). What an alias stands for is returned in its place.
    func find(_ name: AMLName, from scope: Int) -> Int? {
        if let segment = name.onlySegment {
            var scope = scope
            while true {
                if let node = child(segment, of: scope) { return node }
                guard scope != Self.root else { return nil }
                scope = nodes[scope].parent
            }
        }
        guard var node = start(of: name, from: scope) else { return nil }
        for segment in name.segments {
            guard let next = child(segment, of: node) else { return nil }
            node = next
        }
        return node
    }

    /// The object with this name in a scope itself.
    func child(_ segment: AMLNameSegment, of node: Int) -> Int? {
        guard let child = nodes[node].children[segment] else { return nil }
        if case .alias(let target) = nodes[child].object { return target }
        return child
    }

    private func start(of name: AMLName, from scope: Int) -> Int? {
        guard case .scope(let levels) = name.origin else { return Self.root }
        var node = scope
        for _ in 0..<levels {
            guard node != Self.root else { return nil }
            node = nodes[node].parent
        }
        return node
    }

    /// Gives an object a name. All but the last segment have to be there.
    mutating func declare(
        _ name: AMLName, in scope: Int, _ object: AMLObject, table: Int
    ) throws(AMLDefect) -> Int {
        guard var parent = start(of: name, from: scope), let last = name.segments.last else {
            throw .missing(name.description)
        }
        for segment in name.segments.dropLast() {
            guard let next = child(segment, of: parent) else { throw .missing(name.description) }
            parent = next
        }
        guard nodes[parent].children[last] == nil else { throw .exists(name.description) }
        guard nodes.count < Self.countLimit, nodes[parent].depth < Self.depthLimit else { throw .tooIntricate }
        return append(last, in: parent, object, table: table)
    }

    /// Takes an object away, and what is below it.
    mutating func remove(_ node: Int) {
        if nodes[nodes[node].parent].children[nodes[node].segment] == node {
            nodes[nodes[node].parent].children[nodes[node].segment] = nil
        }
        nodes[node].object = .removed
    }

    /// The path of an object from the root, as the kernel writes it.
    func path(of node: Int) -> String {
        var segments: [String] = []
        var node = node
        while node != Self.root {
            segments.append(nodes[node].segment.description)
            node = nodes[node].parent
        }
        return "\\" + segments.reversed().joined(separator: ".")
    }
}
