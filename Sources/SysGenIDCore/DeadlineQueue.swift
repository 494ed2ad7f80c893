/// Deadlines of requests, the earliest first: a binary heap, of which the smallest element is at hand.
///
/// A request that is answered before its time stays in it until its turn comes, or until such ones are more than half:
/// so each costs a few steps, whoever else waits, and the queue is never much longer than what waits.
struct DeadlineQueue: Sendable {
    private struct Entry {
        var deadline: Deadline
        var request: RequestID
    }

    private var heap: [Entry] = []

    /// How many entries there are, those of requests that were answered included.
    var count: Int { heap.count }

    mutating func add(_ request: RequestID, at deadline: Deadline) {
        heap.append(Entry(deadline: deadline, request: request))
        rise(from: heap.count - 1)
    }

    mutating func removeAll() {
        heap.removeAll(keepingCapacity: true)
    }

    /// Takes the earliest request that still waits and whose deadline is `now` or before.
    mutating func takeDue(now: Deadline, whileWaiting isWaiting: (RequestID, Deadline) -> Bool) -> RequestID? {
        guard let first = earliest(whileWaiting: isWaiting), first <= now else { return nil }
        return removeFirst().request
    }

    /// The deadline of the earliest request that still waits; nil where none does.
    mutating func earliest(whileWaiting isWaiting: (RequestID, Deadline) -> Bool) -> Deadline? {
        while let first = heap.first, !isWaiting(first.request, first.deadline) { _ = removeFirst() }
        return heap.first?.deadline
    }

    /// Lets go of requests that were answered, where they are more than half.
    ///
    /// - Parameter waiting: how many still wait, with or without a deadline.
    mutating func tidy(waiting: Int, _ isWaiting: (RequestID, Deadline) -> Bool) {
        guard heap.count > 2 * waiting + 16 else { return }
        heap.removeAll { !isWaiting($0.request, $0.deadline) }
        for index in (0..<heap.count / 2).reversed() { sink(from: index) }
    }

    private mutating func removeFirst() -> Entry {
        let first = heap[0]
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink(from: 0)
        }
        return first
    }

    private mutating func rise(from start: Int) {
        var index = start
        while index > 0, heap[index].deadline < heap[(index - 1) / 2].deadline {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink(from start: Int) {
        var index = start
        while 2 * index + 1 < heap.count {
            var child = 2 * index + 1
            if child + 1 < heap.count, heap[child + 1].deadline < heap[child].deadline { child += 1 }
            guard heap[child].deadline < heap[index].deadline else { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
