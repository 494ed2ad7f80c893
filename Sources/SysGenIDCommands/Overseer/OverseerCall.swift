import SysGenIDJSON
import SysGenIDSystem
import SysGenIDVarlink

/// A call of the overseer.
struct OverseerCall: Sendable {
    static let interface = "org.sysgenid.Overseer"

    var address: OverseerAddress
    /// Without the interface's name.
    var method: String
    var parameters: JSON
    /// The deadline of the call, in milliseconds; nil is that of the overseer.
    var timeout: UInt32?
    /// Whether it is the same call when it is made again.
    var isRepeatable: Bool

    /// An overseer that does not end a call itself is given up so long after the deadline, in nanoseconds.
    private static let grace: UInt64 = 5_000_000_000
    /// How long it takes until a connection is tried again, in milliseconds.
    private static let pause: CInt = 100

    /// Makes the call, and returns what is returned.
    ///
    /// Where another machine is asked, and there is time, a connection that cannot be made or is lost is made again: the
    /// machine may be about to be resumed.
    func result<Value: Decodable>(as type: Value.Type) throws(CommandFailure) -> Value {
        let end = timeout.map { MonotonicClock.now() + UInt64($0) * 1_000_000 }
        while true {
            switch answer(until: end.map { $0 + Self.grace }) {
            case .success(let answer):
                return try result(of: answer)
            case .failure(let failure):
                let isOver = end.map { MonotonicClock.now() >= $0 } ?? true
                guard address.isOther, isRepeatable, !isOver, failure.isPassing else {
                    throw CommandFailure(failure, from: address)
                }
                MonotonicClock.sleep(milliseconds: Self.pause)
            }
        }
    }

    private func answer(until moment: UInt64?) -> Result<VarlinkAnswer, VarlinkFailure> {
        Result { () throws(VarlinkFailure) in
            var client = try VarlinkClient(to: address.connection, until: moment)
            return try client.call("\(Self.interface).\(method)", parameters, until: moment)
        }
    }

    private func result<Value: Decodable>(of answer: VarlinkAnswer) throws(CommandFailure) -> Value {
        let error: OverseerError
        do throws(VarlinkFailure) {
            guard let name = answer.error else { return try answer.parameters(as: Value.self) }
            error = try OverseerError(name, of: answer)
        } catch {
            throw CommandFailure(error, from: address)
        }
        throw CommandFailure(error, from: address)
    }
}

extension VarlinkFailure {
    /// Whether it may be another one soon, or none.
    fileprivate var isPassing: Bool {
        switch self {
        case .closed: true
        case .system(let failure): failure.errno != .permissionDenied
        case .tooLate, .notUnderstood: false
        }
    }
}
