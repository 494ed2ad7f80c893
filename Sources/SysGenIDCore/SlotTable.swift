/// A table whose keys are dense numbers that are never given out twice.
///
/// The lower half of a key is the slot, the upper half counts how often the slot was used before; a key
/// of an element that is gone finds nothing.
struct SlotTable<Element: Sendable>: Sendable {
    private var slots: [Slot] = []
    private var vacant: [UInt32] = []
    /// A bit for each slot that holds an element: what was large once is walked no longer than what it holds now.
    private var occupancy: [UInt64] = []

    private struct Slot: Sendable {
        var uses: UInt32
        var element: Element?
    }

    init() {}

    /// A table that continues with the slots of another: how often each was used before, and what it holds.
    init(_ contents: [(uses: UInt32, element: Element?)]) {
        slots = contents.map { Slot(uses: $0.uses, element: $0.element) }
        vacant = slots.indices.filter { slots[$0].element == nil }.map { UInt32($0) }
        for index in slots.indices where slots[index].element != nil { occupy(index) }
    }

    /// The key of each slot, be it vacant: then it is that of the next element.
    var keys: [UInt64] { slots.indices.map(key) }

    var count: Int { slots.count - vacant.count }

    mutating func insert(_ element: Element) -> UInt64 {
        guard let index = vacant.popLast() else {
            slots.append(Slot(uses: 0, element: element))
            occupy(slots.count - 1)
            return UInt64(slots.count - 1)
        }
        slots[Int(index)].element = element
        occupy(Int(index))
        return key(of: Int(index))
    }

    mutating func remove(_ key: UInt64) -> Element? {
        guard let index = index(of: key), let element = slots[index].element else { return nil }
        slots[index].element = nil
        slots[index].uses &+= 1
        vacant.append(UInt32(index))
        occupancy[index / 64] &= ~(1 << UInt64(index % 64))
        return element
    }

    /// The element of the key; nil where there is none. Setting it replaces an element that is there.
    subscript(key: UInt64) -> Element? {
        get { index(of: key).flatMap { slots[$0].element } }
        set {
            guard let newValue, let index = index(of: key), slots[index].element != nil else { return }
            slots[index].element = newValue
        }
    }

    /// Calls the body for each element, in the order of the slots.
    mutating func forEach(_ body: (_ key: UInt64, _ element: inout Element) -> Void) {
        for place in occupancy.indices {
            var bits = occupancy[place]
            while let index = Self.takeLowest(&bits, in: place) { body(key(of: index), &slots[index].element!) }
        }
    }

    /// Calls the body for each element, in the order of the slots, until it returns true.
    func visit(until isEnough: (Element) -> Bool) {
        for place in occupancy.indices {
            var bits = occupancy[place]
            while let index = Self.takeLowest(&bits, in: place) {
                if isEnough(slots[index].element!) { return }
            }
        }
    }

    private mutating func occupy(_ index: Int) {
        while occupancy.count <= index / 64 { occupancy.append(0) }
        occupancy[index / 64] |= 1 << UInt64(index % 64)
    }

    /// The slot of the lowest bit, which is taken; nil where there is none left.
    private static func takeLowest(_ bits: inout UInt64, in place: Int) -> Int? {
        guard bits != 0 else { return nil }
        defer { bits &= bits - 1 }
        return place * 64 + bits.trailingZeroBitCount
    }

    private func key(of index: Int) -> UInt64 {
        UInt64(slots[index].uses) << 32 | UInt64(index)
    }

    private func index(of key: UInt64) -> Int? {
        let index = Int(key & 0xffff_ffff)
        guard index < slots.count, UInt64(slots[index].uses) == key >> 32 else { return nil }
        return index
    }
}
