import Foundation
import TestSupport

/// The lines of a program that runs for hours, each read once.
final class Transcript {
    let program: RunningProgram
    private var offset: UInt64 = 0
    private let take: (String) -> Void

    /// - Parameter take: gets each line.
    init(of program: RunningProgram, _ take: @escaping (String) -> Void) {
        self.program = program
        self.take = take
    }

    /// Takes the whole lines that are new.
    func look() {
        let output = program.output(after: offset)
        guard let last = output.lastIndex(of: UInt8(ascii: "\n")) else { return }
        let lines = output[...last]
        offset += UInt64(lines.count)
        String(decoding: lines, as: UTF8.self).split(separator: "\n").forEach { take(String($0)) }
    }
}

/// What the supervisor has said of daemons.
final class DaemonNews {
    private(set) var processID: pid_t = 0
    /// How many have come to serve. One that was asked to look again says once more that it is ready.
    private(set) var served = 0
    private var isServing = false

    func take(_ line: String) {
        if line.hasPrefix("started ") {
            processID = pid_t(line.dropFirst("started ".count)) ?? 0
            isServing = false
        } else if line == "ready", !isServing {
            served += 1
            isServing = true
        }
    }
}

/// What the clients have said.
final class ClientNews {
    private(set) var triggered = 0
    private(set) var expecting = 0
    private(set) var answers = 0
    private(set) var lastAnswer = ""
    /// What else they have said, which is complaints.
    private(set) var complaints: [String] = []

    func take(_ line: String) {
        if line == "triggered" {
            triggered += 1
        } else if line.hasPrefix("expecting ") {
            expecting = Int(line.dropFirst("expecting ".count)) ?? 0
        } else if line.hasSuffix(" failures") {
            (answers, lastAnswer) = (answers + 1, line)
        } else if line != "ready" {
            complaints.append(line)
        }
    }
}
