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
        let kinds = found.map { $0.slot.bootID == bootID ? StateCase.Slot.record : .earlierBoot }
        finding = Self.judge(kinds, ours.map(\.slot.record), defects, published)

        if case .record = finding, let newest = ours.first {
            next = Position(slot: newest.index, sequence: newest.slot.sequence).advanced()
            replacement = bytes.count == Self.size ? nil : Array((bytes + Self.blank).prefix(Self.size))
        } else {
            let first = StateSlot(sequence: 1, bootID: bootID, record: finding.record)
            next = Position(slot: 0, sequence: first.sequence).advanced()
            replacement = Array((first.encoded + Self.blank).prefix(Self.size))
        }
    }

    /// - Parameters:
    ///   - kinds: of the slots without a defect.
    ///   - records: those of this boot, the newest first.
    private static func judge(
        _ kinds: [StateCase.Slot], _ records: [Record], _ defects: [StateSlot.Defect], _ published: Generation?
    ) -> StateFile.Loaded {
        let decisive = (kinds + defects.map(StateCase.Slot.init)).min { $0.rawValue < $1.rawValue } ?? .blank
        return switch StateCase(slot: decisive, published: .init(published, records)).outcome {
        case .fresh: .fresh
        case .record: .record(records[0])
        case .damaged(let remark):
            .damaged(reason: reason(remark, defects), continuing: Record(generation: published ?? .fresh))
        }
    }

    private static func reason(_ remark: StateCase.Remark, _ defects: [StateSlot.Defect]) -> String {
        switch remark {
        case .newestIsMissing: return "its newest record is missing"
        case .otherVersion:
            let versions = defects.compactMap { if case .otherVersion(let version) = $0 { version } else { nil } }
            return "its version is \(versions[0]), and only version \(StateSlot.version) can be read"
        case .broken: return "its records are broken"
        case .missing: return "its records are missing"
        }
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

extension StateCase.Slot {
    fileprivate init(_ defect: StateSlot.Defect) {
        self =
            switch defect {
            case .blank: .blank
            case .otherVersion: .otherVersion
            case .broken: .broken
            }
    }
}

extension StateCase.Published {
    /// - Parameter records: those of this boot, the newest first.
    fileprivate init(_ published: Generation?, _ records: [Record]) {
        guard let published else {
            self = .nothing
            return
        }
        let isRecorded =
            records.first.map { published <= $0.generation } ?? false
            || records.dropFirst().first?.generation == published
        self = isRecorded ? .recorded : .unrecorded
    }
}
