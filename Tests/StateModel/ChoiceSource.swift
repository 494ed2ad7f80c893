package import TestSupport

/// By what the events of a sequence are chosen.
package protocol ChoiceSource {
    /// A number from 0 on; the limit is 256 at most.
    mutating func number(below limit: Int) -> Int

    /// Whether all that was there to choose by was used.
    var isExhausted: Bool { get }
}

extension SeededGenerator: ChoiceSource {
    package mutating func number(below limit: Int) -> Int { .random(in: 0..<limit, using: &self) }

    package var isExhausted: Bool { false }
}

/// Chooses by bytes, one a choice, and the first of all when there are no more.
package struct ByteChoices: ChoiceSource {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    package mutating func number(below limit: Int) -> Int { Int(rest.popFirst() ?? 0) % limit }

    package var isExhausted: Bool { rest.isEmpty }
}
