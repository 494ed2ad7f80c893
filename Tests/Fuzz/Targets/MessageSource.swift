import CSysGenID
import Glibc
import StateModel
import SysGenIDCore

@testable import SysGenIDFrontends

/// Makes messages as the kernel does, see linux/fuse.h, and damages some.
struct MessageSource {
    private var choices: ByteChoices
    private let kind: FrontendKind
    private var lastUnique: UInt64 = 0

    init(_ choices: ByteChoices, of kind: FrontendKind) {
        self.choices = choices
        self.kind = kind
    }

    var canGoOn: Bool { !choices.isExhausted }

    private enum Opcode {
        static let forget: UInt32 = 2
        static let getAttributes: UInt32 = 3
        static let setAttributes: UInt32 = 4
        static let open: UInt32 = 14
        static let read: UInt32 = 15
        static let write: UInt32 = 16
        static let statistics: UInt32 = 17
        static let release: UInt32 = 18
        static let interrupt: UInt32 = 36
        static let destroy: UInt32 = 38
        static let control: UInt32 = 39
        static let poll: UInt32 = 40
        static let notifyReply: UInt32 = 41
        static let batchForget: UInt32 = 42
    }

    /// Whether each message of this kind has a reply.
    static func isAnswered(_ opcode: UInt32) -> Bool {
        ![Opcode.forget, Opcode.interrupt, Opcode.notifyReply, Opcode.batchForget].contains(opcode)
    }

    // MARK: As the kernel makes them

    static func handshake(unique: UInt64, of kind: FrontendKind) -> [UInt8] {
        let opcode = kind == .counterFile ? CSYSGENID_FUSE_INIT : CSYSGENID_CUSE_INIT
        let flags = UInt32(CSYSGENID_FUSE_INIT_EXT)
        let body = words([7, 40, 0, flags, UInt32(CSYSGENID_FUSE_PASSTHROUGH)]) + [UInt8](repeating: 0, count: 44)
        return message(UInt32(opcode), unique, kind == .counterFile ? body : words([7, 40, 0, 1]))
    }

    /// A message that nobody serves.
    static func unknown(unique: UInt64) -> [UInt8] { message(Opcode.statistics, unique, []) }

    mutating func handshake() -> [UInt8] { Self.handshake(unique: next(), of: kind) }
    mutating func end() -> [UInt8] { Self.message(Opcode.destroy, next(), []) }
    mutating func open(_ flags: Int32 = O_RDWR) -> [UInt8] {
        Self.message(Opcode.open, next(), Self.words([UInt32(flags), 0]))
    }

    mutating func release(_ watcher: WatcherID) -> [UInt8] {
        Self.message(Opcode.release, next(), Self.longs([watcher.rawValue]) + Self.words([0, 0, 0, 0]))
    }

    /// A read that does not wait.
    mutating func read(_ watcher: WatcherID) -> [UInt8] {
        read(watcher, count: 4, flags: UInt32(O_RDWR | O_NONBLOCK))
    }

    mutating func write(_ watcher: WatcherID, _ bytes: [UInt8]) -> [UInt8] {
        let numbers = Self.longs([watcher.rawValue, 0]) + Self.words([UInt32(bytes.count), 0, 0, 0, 0, 0])
        return Self.message(Opcode.write, next(), numbers + bytes)
    }

    mutating func trigger(_ watcher: WatcherID, thread: Int32) -> [UInt8] {
        control(watcher, request: CSYSGENID_TRIGGER_GEN_UPDATE.rawValue, word: 0, thread: thread)
    }

    /// - Parameter isFill: the kernel reads for its cache, and no program.
    mutating func read(_ watcher: WatcherID, count: UInt32, flags: UInt32, isFill: Bool = false) -> [UInt8] {
        let readFlags = isFill ? 0 : UInt32(CSYSGENID_FUSE_READ_LOCKOWNER)
        let numbers = Self.longs([watcher.rawValue, 0]) + Self.words([count, readFlags]) + Self.longs([7])
        return Self.message(Opcode.read, next(), numbers + Self.words([flags, 0]))
    }

    mutating func poll(_ watcher: WatcherID, number: UInt64, maySleep: Bool, for events: UInt32) -> [UInt8] {
        let numbers = Self.longs([watcher.rawValue, number]) + Self.words([maySleep ? 1 : 0, events])
        return Self.message(Opcode.poll, next(), numbers)
    }

    /// - Parameter watcher: the open file through which is asked; nil where it is asked by path.
    mutating func attributes(through watcher: WatcherID?) -> [UInt8] {
        let flags = watcher == nil ? 0 : UInt32(CSYSGENID_FUSE_GETATTR_FH)
        return Self.message(
            Opcode.getAttributes, next(), Self.words([flags, 0]) + Self.longs([watcher?.rawValue ?? 0]))
    }

    /// Without anything to set: nothing is changed.
    mutating func setAttributes(permissions: UInt32? = nil, userID: UInt32? = nil, groupID: UInt32? = nil) -> [UInt8] {
        let fields = [permissions, userID, groupID].enumerated().reduce(UInt32(0)) {
            $1.element == nil ? $0 : $0 | 1 << UInt32($1.offset)
        }
        let values = [permissions ?? 0, 0, userID ?? 0, groupID ?? 0, 0]
        return Self.message(
            Opcode.setAttributes, next(), Self.words([fields] + [UInt32](repeating: 0, count: 16) + values))
    }

    /// A signal has come to the caller of the request with this number.
    static func interrupt(of unique: UInt64) -> [UInt8] { message(Opcode.interrupt, unique | 1, longs([unique])) }

    /// A message of an opcode that nothing is done for.
    mutating func unserved() -> [UInt8] { Self.message(Opcode.statistics, next(), []) }

    mutating func control(_ watcher: WatcherID, request: UInt32, word: UInt64, thread: Int32) -> [UInt8] {
        let numbers = Self.longs([watcher.rawValue]) + Self.words([0, request]) + Self.longs([word])
        return Self.message(Opcode.control, next(), numbers + Self.words([0, 0]), thread: thread)
    }

    // MARK: As the bytes choose them

    mutating func message() -> [UInt8] {
        var message = chosen()
        switch choices.number(below: 16) {
        case 0: message.removeLast(min(message.count, choices.number(below: 256)))
        case 1: message += [UInt8](repeating: byte(), count: 16 * choices.number(below: 256))
        case 2, 3, 4:
            for _ in 0...choices.number(below: 4) { message[choices.number(below: min(message.count, 256))] = byte() }
        case 5:
            // The number of an earlier message again.
            let earlier = 2 * UInt64(choices.number(below: 64))
            message.replaceSubrange(8..<16, with: Self.longs([earlier]))
        default: break
        }
        return message
    }

    private mutating func chosen() -> [UInt8] {
        switch choices.number(below: 20) {
        case 0, 1, 2: return anyOpen()
        case 3: return release(watcher())
        case 4, 5:
            let count = [0, 3, 4, 4, 4096, UInt32.max][choices.number(below: 6)]
            let flags = [2, 2, 2 | UInt32(O_NONBLOCK)][choices.number(below: 3)]
            return read(watcher(), count: count, flags: flags, isFill: choices.number(below: 4) == 3)
        case 6: return write(watcher(), (0..<choices.number(below: 12)).map { _ in byte() })
        case 7: return write(watcher(), [byte(), 0, 0, 0])
        case 8, 9:
            return poll(watcher(), number: UInt64(byte()), maySleep: choices.number(below: 2) == 1, for: 0x41)
        case 10, 11, 12: return anyControl()
        case 13: return attributes(through: watcher())
        case 14:
            let numbers = Self.words([UInt32(byte()), 0]) + (0..<80).map { _ in byte() }
            return Self.message(Opcode.setAttributes, next(), numbers)
        case 15:
            let target = 2 * UInt64(choices.number(below: 64))
            return Self.interrupt(of: target)
        case 16: return Self.handshake(unique: next(), of: FrontendKind.allCases[choices.number(below: 2)])
        case 17: return end()
        case 18: return Self.message([Opcode.forget, Opcode.batchForget][choices.number(below: 2)], next(), tail())
        default:
            return Self.message(UInt32(byte()) << 4 | UInt32(choices.number(below: 16)), next(), tail())
        }
    }

    private mutating func anyOpen() -> [UInt8] {
        let flags = [O_RDONLY, O_RDWR, O_RDONLY | O_NONBLOCK, O_WRONLY][choices.number(below: 4)]
        let userID: UInt32 = [0, 1_000][choices.number(below: 2)]
        return Self.message(Opcode.open, next(), Self.words([UInt32(flags), 0]), userID: userID)
    }

    private mutating func anyControl() -> [UInt8] {
        let requests =
            [
                CSYSGENID_SET_WATCHER_TRACKING, CSYSGENID_WAIT_WATCHERS, CSYSGENID_V4_WAIT_WATCHERS,
                CSYSGENID_V4_GET_OUTDATED_WATCHERS, CSYSGENID_TRIGGER_GEN_UPDATE, CSYSGENID_V4_FORCE_GEN_UPDATE,
            ].map(\.rawValue) + [0]
        let request = requests[choices.number(below: requests.count)]
        let words: [UInt64] = [0, 1, 5, 1 << 31, UInt64(UInt32.max), 1 << 32, 1 << 63, .max]
        let word = words[choices.number(below: words.count)]
        return control(watcher(), request: request, word: word, thread: [0, getpid(), -1][choices.number(below: 3)])
    }

    /// One of those that may be open.
    private mutating func watcher() -> WatcherID {
        let number = choices.number(below: 32)
        return WatcherID(slot: number % 8, uses: UInt32(number / 8))
    }

    private mutating func tail() -> [UInt8] { (0..<choices.number(below: 64)).map { _ in byte() } }

    private mutating func byte() -> UInt8 { UInt8(choices.number(below: 256)) }

    private mutating func next() -> UInt64 {
        lastUnique += 2
        return lastUnique
    }

    // MARK: Bytes

    private static func message(
        _ opcode: UInt32, _ unique: UInt64, _ body: [UInt8], userID: UInt32 = 0, thread: Int32 = 1
    ) -> [UInt8] {
        var header = csysgenid_fuse_in_header()
        (header.len, header.opcode, header.unique) = (UInt32(40 + body.count), opcode, unique)
        (header.nodeid, header.uid, header.pid) = (1, userID, UInt32(bitPattern: thread))
        return withUnsafeBytes(of: header, Array.init) + body
    }

    private static func words(_ words: [UInt32]) -> [UInt8] { words.flatMap { withUnsafeBytes(of: $0, Array.init) } }
    private static func longs(_ words: [UInt64]) -> [UInt8] { words.flatMap { withUnsafeBytes(of: $0, Array.init) } }
}
