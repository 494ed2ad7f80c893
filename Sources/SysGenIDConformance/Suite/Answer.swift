internal import CConformanceClients
internal import Glibc

/// What one operation, or one client, answered.
typealias Answer = client_answer

extension client_answer {
    static func result(_ value: Int) -> Answer { Answer(outcome: CLIENT_RESULT, value: Int64(value)) }
    static func generation(_ value: UInt32) -> Answer { Answer(outcome: CLIENT_GENERATION, value: Int64(value)) }
    static func failure(_ errno: CInt) -> Answer { Answer(outcome: CLIENT_FAILURE, value: Int64(errno)) }
    static func died(_ signal: CInt) -> Answer { Answer(outcome: CLIENT_DIED, value: Int64(signal)) }
    static func unprepared(_ errno: CInt) -> Answer { Answer(outcome: CLIENT_UNPREPARED, value: Int64(errno)) }
    static let blocked = Answer(outcome: CLIENT_BLOCKED, value: 0)
    static let done = result(0)
    /// A generation was acknowledged: all four bytes were written.
    static let acknowledged = result(4)

    var isResult: Bool { outcome == CLIENT_RESULT }
    var isFailure: Bool { outcome == CLIENT_FAILURE }

    /// The result, as a descriptor or a set of events; nil where the operation has none.
    var resultValue: CInt? { outcome == CLIENT_RESULT ? CInt(truncatingIfNeeded: value) : nil }
}

extension client_answer: @retroactive Equatable {
    static func == (one: client_answer, other: client_answer) -> Bool {
        one.outcome == other.outcome && one.value == other.value
    }
}

extension client_answer: @retroactive CustomStringConvertible {
    var description: String {
        switch outcome {
        case CLIENT_RESULT: "\(value)"
        case CLIENT_GENERATION: "generation \(value)"
        case CLIENT_FAILURE: errnoName(CInt(value))
        case CLIENT_BLOCKED: "no answer (still blocked)"
        case CLIENT_DIED where value == 0: "a client that ended without an answer"
        case CLIENT_DIED: "a client that died of signal \(value)"
        default: "a client that could not prepare: \(errnoName(CInt(value)))"
        }
    }
}

/// The name of an error, as EINVAL. See strerrorname_np(3).
func errnoName(_ number: CInt) -> String {
    client_error_name(number).map { String(cString: $0) } ?? "errno \(number)"
}
