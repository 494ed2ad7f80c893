/// Evaluates ACPI Machine Language: loads tables into one namespace, and evaluates objects of it.
///
/// It works on values of its own only. Its one way out is `memory`, which reads; whatever would act on the machine is
/// refused. Steps, depth and memory are limited, so that it ends whatever the tables hold. What a term means is what it
/// means to ACPICA, which is the kernel's.
struct AMLInterpreter {
    /// Reads so many bytes, 64 at most, of the machine's memory.
    typealias Memory = (_ address: UInt64, _ count: Int) throws(AMLDefect) -> [UInt8]

    let memory: Memory
    var tables: [[UInt8]] = []
    var namespace = AMLNamespace()
    /// The calls that are under way, the innermost last.
    var calls: [Call] = []
    var callCount = 0
    var temporaries: [AMLValue] = []
    var budget: Budget
    /// The names in whatever was refused, whose objects may have another value than they have here.
    var doubtful: Set<AMLNameSegment> = []
    /// Why something at the level of a table was passed over, the first of the reasons.
    var firstRefusal: String?
    /// The tables that have declared what was evaluated.
    var tablesUsed: Set<Int> = []
    /// Whether the elements of a package that are named stay names: where the package itself gets a name.
    var keepsNames = false
    /// The objects that were replaced by others since they were declared.
    var replaced: Set<Int> = []
    private var nesting = 0
    /// The bits of an integer: 32 where the DSDT is older than revision 2 (ACPI 6.5, 19.3.5.4).
    let integerMask: UInt64

    /// What one evaluation may need.
    struct Budget {
        /// Terms that are evaluated, and further steps for what takes longer.
        var steps: Int
        /// Bytes and elements that are stored.
        var memory: Int
    }

    /// A call of a method.
    struct Call {
        let number: Int
        let scope: Int
        var locals = [AMLValue](repeating: .uninitialized, count: 8)
        var arguments: [Argument]
        /// What has been declared in it, and goes with it.
        var declared: [Int] = []
    }

    enum Argument {
        case value(AMLValue)
        /// A package or a buffer of the caller, which the method may change.
        case place(AMLPlace)
    }

    /// How a list of terms has ended.
    enum Flow {
        case next, breaking, continuing
        case returning(AMLValue)
    }

    /// How deep calls, blocks and terms may be nested in all.
    static let nestingLimit = 96

    /// Whether there are tables that could not be read.
    let isIncomplete: Bool

    init(integerWidth: Int = 64, isIncomplete: Bool = false, budget: Budget, memory: @escaping Memory) {
        integerMask = integerWidth == 32 ? 0xffff_ffff : .max
        self.isIncomplete = isIncomplete
        self.budget = budget
        self.memory = memory
    }

    mutating func spend(_ steps: Int = 1, memory: Int = 0) throws(AMLDefect) {
        guard budget.steps >= steps, budget.memory >= memory else { throw .tooIntricate }
        budget.steps -= steps
        budget.memory -= memory
    }

    /// What one method that is none of the device's may need, so that one which waits for hardware does not use up all.
    private static let shareLimit = 10_000

    /// Evaluates something that has to do with less than all steps that are left.
    mutating func limited<Value>(
        _ body: (inout AMLInterpreter) throws(AMLDefect) -> Value
    ) throws(AMLDefect) -> Value {
        let kept = max(0, budget.steps - Self.shareLimit)
        budget.steps -= kept
        defer { budget.steps += kept }
        do throws(AMLDefect) { return try body(&self) } catch {
            guard error == .tooIntricate, kept > 0, budget.memory > 0 else { throw error }
            throw .refused("so much work")
        }
    }

    /// Does something a level deeper.
    mutating func nested<Value>(
        _ body: (inout AMLInterpreter) throws(AMLDefect) -> Value
    ) throws(AMLDefect) -> Value {
        guard nesting < Self.nestingLimit else { throw .tooIntricate }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self)
    }

    /// Loads a table behind the others. What cannot be done of it is passed over, as ACPICA does.
    mutating func load(_ block: [UInt8]) throws(AMLDefect) {
        tables.append(block)
        let code = AMLCode(table: tables.count - 1, bytes: block.indices)
        _ = try run(code, in: AMLNamespace.root, isDefinition: true)
    }

    /// How many arguments follow a name in a scope; nil where it names no method.
    func argumentCount(_ name: AMLName, in scope: Int) -> Int? {
        guard let node = namespace.find(name, from: scope) else { return nil }
        switch namespace[node] {
        case .method(let method): return method.argumentCount
        case .operatingSystemInterface: return 1
        default: return nil
        }
    }

    func find(_ name: AMLName, from scope: Int) throws(AMLDefect) -> Int {
        guard let node = namespace.find(name, from: scope) else { throw .missing(name.description) }
        return node
    }

    /// Calls a method.
    mutating func call(_ node: Int, _ arguments: [Argument] = []) throws(AMLDefect) -> AMLValue {
        guard case .method(let method) = namespace[node] else { throw .wrongKind }
        note(node)
        let keptNames = keepsNames
        keepsNames = false
        defer { keepsNames = keptNames }
        callCount += 1
        calls.append(Call(number: callCount, scope: node, arguments: arguments))
        defer { leave() }
        let flow = try nested { machine throws(AMLDefect) in
            try machine.run(method.body, in: node, isDefinition: false)
        }
        if case .returning(let value) = flow { return value }
        return .uninitialized
    }

    private mutating func leave() {
        guard let call = calls.popLast() else { return }
        for node in call.declared { namespace.remove(node) }
    }

    /// Remembers the table that an object is from.
    mutating func note(_ node: Int) {
        if let table = namespace.nodes[node].table { tablesUsed.insert(table) }
    }

    /// The value of an object of the namespace, as of `_HID` or `ADDR`: a method is called.
    mutating func evaluate(_ node: Int) throws(AMLDefect) -> AMLValue {
        if case .method = namespace[node] { return try call(node) }
        return try value(of: node)
    }
}

/// The names in what was refused.
extension AMLInterpreter {
    /// Marks all that is named in these bytes, and in the methods that are named in them, as doubtful.
    mutating func doubt(_ code: AMLCode) throws(AMLDefect) {
        var waiting = [code]
        var seen: Set<AMLCode> = []
        while let code = waiting.popLast() {
            guard seen.insert(code).inserted else { continue }
            try spend(code.bytes.count / 4)
            var named: Set<AMLNameSegment> = []
            let block = tables[code.table]
            for start in code.bytes.dropLast(3) {
                guard let segment = AMLNameSegment(block[start..<start + 4]), doubtful.insert(segment).inserted
                else { continue }
                named.insert(segment)
            }
            guard !named.isEmpty else { continue }
            try spend(namespace.nodes.count / 16)
            for node in namespace.nodes where named.contains(node.segment) {
                if case .method(let method) = node.object { waiting.append(method.body) }
            }
        }
    }
}
