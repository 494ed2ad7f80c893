internal import SysGenIDCore

/// What the bytes of a state file say, in the light of the generation that was published beside it.
struct StateContents {
    static let slotCount = 2
    static let size = slotCount * StateSlot.size

    /// What there is to continue from.
    let finding: StateFile.Loaded
    /// Where the next record goes, so that the newest one stays.
    let next: Position
    /// What the file must be made to hold, so that it has the finding and its full length; nil where it has.
    let replacement: [UInt8]?

    /// A slot, and the sequence number for what is written to it.
    struct Position {
        var slot: Int
        var sequence: UInt64

        mutating func advance() {
            slot = (slot + 1) % slotCount
            sequence += 1
        }
    }

    /// - Parameters:
    ///   - bytes: the file, as much of it as there is.
    ///   - bootID: which boot this is.
    ///   - published: the generation that was published last; nil where there is none.
    init(_ bytes: [UInt8], bootID: BootID, published: Generation?) {
        var found: [(index: Int, slot: StateSlot)] = []
        var defects: [StateSlot.Defect] = []
        for index in 0..<Self.slotCount {
            do throws(StateSlot.Defect) {
                let part = bytes.dropFirst(index * StateSlot.size).prefix(StateSlot.size)
                found.append((index, try StateSlot(decoding: part)))
            } catch {
                defects.append(error)
            }
        }
        let ours = found.filter { $0.slot.bootID == bootID }.sorted { $0.slot.sequence > $1.slot.sequence }
        finding = Self.judge(
            ours.map(\.slot.record), isOfEarlierBoot: ours.isEmpty && !found.isEmpty, defects, published)

        if case .record = finding, let newest = ours.first {
            next = Position(slot: newest.index, sequence: newest.slot.sequence).advanced()
            replacement = bytes.count == Self.size ? nil : Array((bytes + Self.blank).prefix(Self.size))
        } else {
            let first = StateSlot(sequence: 1, bootID: bootID, record: finding.record)
            next = Position(slot: 0, sequence: first.sequence).advanced()
            replacement = Array((first.encoded + Self.blank).prefix(Self.size))
        }
    }

    /// - Parameter records: those of this boot, the newest first.
    private static func judge(
        _ records: [Record], isOfEarlierBoot: Bool, _ defects: [StateSlot.Defect], _ published: Generation?
    ) -> StateFile.Loaded {
        if let newest = records.first {
            // The generation is published after it is recorded, so it may be that of the record before.
            guard let published, published > newest.generation, published != records.dropFirst().first?.generation
            else { return .record(newest) }
            return .damaged(reason: "its newest record is missing", continuing: Record(generation: published))
        }
        if isOfEarlierBoot { return .fresh }
        if published == nil, defects.allSatisfy({ $0 == .blank }) { return .fresh }
        return .damaged(reason: reason(defects), continuing: Record(generation: published ?? .fresh))
    }

    private static func reason(_ defects: [StateSlot.Defect]) -> String {
        for case .otherVersion(let version) in defects {
            return "its version is \(version), and only version \(StateSlot.version) can be read"
        }
        return defects.contains(.broken) ? "its records are broken" : "its records are missing"
    }

    private static let blank = [UInt8](repeating: 0, count: size)
}

extension StateContents.Position {
    fileprivate func advanced() -> Self {
        var next = self
        next.advance()
        return next
    }
}
