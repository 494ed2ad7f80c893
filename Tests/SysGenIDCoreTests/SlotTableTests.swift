import TestSupport
import Testing

@testable import SysGenIDCore

struct SlotTableTests {
    @Test func elementsAreFoundByTheirKeys() {
        var table = SlotTable<String>()
        let keys = ["a", "b", "c"].map { table.insert($0) }
        #expect(keys == [0, 1, 2])
        #expect(keys.map { table[$0] } == ["a", "b", "c"])
        #expect(table.count == 3)
    }

    @Test func keysOfElementsThatAreGoneFindNothing() {
        var table = SlotTable<String>()
        let gone = table.insert("a")
        #expect(table.remove(gone) == "a")
        let successor = table.insert("b")
        #expect(successor != gone)
        #expect(table[gone] == nil)
        #expect(table.remove(gone) == nil)
        table[gone] = "c"
        #expect(table[successor] == "b")
        #expect(table.count == 1)
    }

    @Test func settingReplacesOnlyWhatIsThere() {
        var table = SlotTable<Int>()
        let key = table.insert(1)
        table[key] = 2
        #expect(table[key] == 2)
        table[key] = nil
        #expect(table[key] == 2)
        _ = table.remove(key)
        // The slot is vacant and waits for its next use; the key of that use is not known yet.
        table[key + 1 << 32] = 3
        #expect(table.count == 0)
        #expect(table[key + 1 << 32] == nil)
    }

    @Test(arguments: [1, 0xffff_ffff, 1 << 32, UInt64.max])
    func unknownKeysFindNothing(key: UInt64) {
        var table = SlotTable<Int>()
        _ = table.insert(1)
        #expect(table[key] == nil)
        #expect(table.remove(key) == nil)
        #expect(table.count == 1)
    }

    @Test func forEachReachesEachElementInPlace() {
        var table = SlotTable<Int>()
        let keys = (0..<5).map { table.insert($0) }
        _ = table.remove(keys[2])
        var seen: [UInt64] = []
        table.forEach { key, element in
            seen.append(key)
            element *= 10
        }
        #expect(seen == [keys[0], keys[1], keys[3], keys[4]])
        #expect(table[keys[4]] == 40)
    }

    /// In more slots than a word has bits, while elements come and go, and in a table that continues with another's.
    @Test func eachElementIsReachedOnce() {
        var random = SeededGenerator(seed: 2)
        var table = SlotTable<Int>()
        var elements: [UInt64: Int] = [:]
        for step in 0..<2_000 {
            if let key = elements.keys.sorted().randomElement(using: &random), Int.random(in: 0..<5, using: &random) < 2
            {
                _ = table.remove(key)
                elements[key] = nil
            } else {
                elements[table.insert(step)] = step
            }
            guard step.isMultiple(of: 50) else { continue }
            let expected = elements.sorted { $0.key & 0xffff_ffff < $1.key & 0xffff_ffff }
            var reached: [Int] = []
            table.visit {
                reached.append($0)
                return reached.count == 150
            }
            #expect(reached == Array(expected.map(\.value).prefix(150)))
            var continued = SlotTable(table.keys.map { (uses: UInt32($0 >> 32), element: table[$0]) })
            var keys: [UInt64] = []
            continued.forEach { key, _ in keys.append(key) }
            #expect(keys == expected.map(\.key))
        }
        #expect(elements.count > 300)
    }

    @Test func noKeyIsGivenTwice() {
        var random = SeededGenerator(seed: 1)
        var table = SlotTable<Int>()
        var elements: [UInt64: Int] = [:]
        var given: Set<UInt64> = []
        for step in 0..<20_000 {
            if !elements.isEmpty, Bool.random(using: &random) {
                let key = elements.keys.sorted().randomElement(using: &random)!
                #expect(table.remove(key) == elements.removeValue(forKey: key))
            } else if elements.count < 20 {
                let key = table.insert(step)
                #expect(given.insert(key).inserted)
                elements[key] = step
            }
            #expect(table.count == elements.count)
        }
        #expect(given.count > 5_000)
        for key in given { #expect(table[key] == elements[key]) }
    }
}
