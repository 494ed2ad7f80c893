internal import CConformanceClients
internal import Glibc

/// A device that does not do what its interface says.
struct Mismatch: Error {
    var step: String?
    var expected: String
    var got: String

    var text: String {
        "\(step.map { "\($0): " } ?? "")expected \(expected), got \(got)"
    }
}

/// A row that cannot be run here.
struct Skipped: Error {
    var reason: String
}

/// How long an answer may take that has to come at all, in milliseconds as `client_receive` counts them. No row measures
/// speed.
let patience: CInt = 30_000
/// How long others may take to come to rest, where rows can be left out that they disturb.
let quietTime: CInt = 10_000
/// How long an operation has to stay without an answer to count as blocked.
let blockingTime: CInt = 100

/// The answer has to be the expected one.
func expect(_ got: Answer, equals expected: Answer, _ step: String? = nil) throws {
    guard got == expected else { throw Mismatch(step: step, expected: "\(expected)", got: "\(got)") }
}

/// The answer has to be one of the expected ones.
func expect(_ got: Answer, isOneOf expected: [Answer], _ step: String? = nil) throws {
    guard expected.contains(got) else {
        let choice = expected.map(\.description).joined(separator: " or ")
        throw Mismatch(step: step, expected: choice, got: "\(got)")
    }
}

/// The value has to be the expected one.
func expect<Value: Equatable>(_ got: Value, equals expected: Value, _ step: String? = nil) throws {
    guard got == expected else { throw Mismatch(step: step, expected: "\(expected)", got: "\(got)") }
}

/// The answer has to be a result, which is returned.
@discardableResult
func expectResult(_ got: Answer, _ step: String) throws -> CInt {
    guard let value = got.resultValue else { throw Mismatch(step: step, expected: "a result", got: "\(got)") }
    return value
}

/// The answer has to be a failure, whichever.
func expectFailure(_ got: Answer, _ step: String? = nil) throws {
    guard got.isFailure else { throw Mismatch(step: step, expected: "an error", got: "\(got)") }
}

/// The value has to become the expected one soon. What follows from the end of a client, as the end of its
/// watcher, is not over when the client's last call is.
func expectEventually<Value: Equatable>(
    _ step: String? = nil, within milliseconds: CInt = patience, equals expected: Value, _ value: () throws -> Value
) throws {
    var got = try value()
    for _ in 0..<milliseconds where got != expected {
        client_sleep(1)
        got = try value()
    }
    try expect(got, equals: expected, step)
}
