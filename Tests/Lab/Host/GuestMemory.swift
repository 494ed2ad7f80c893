import Foundation
import TestSupport

/// The physical memory of a guest, as its processor reaches it, with the registers of devices. A guest that stands still
/// does not notice.
///
/// QEMU's own tests reach it in this way: a line asks, a line answers, beside any accelerator. See qtest in QEMU's
/// documentation for its developers.
final class GuestMemory {
    private let path: String
    private let requests: FileHandle
    private let answers: FileHandle

    /// Makes the pipes that QEMU opens, in a folder.
    init(in folder: String) throws {
        path = "\(folder)/memory"
        (requests, answers) = (try Self.pipe("\(path).in"), try Self.pipe("\(path).out"))
    }

    deinit {
        // Whoever looks through a folder would wait at them.
        unlink("\(path).in")
        unlink("\(path).out")
    }

    /// What QEMU is told.
    var arguments: [String] {
        // Older ones (7.2) look for the channel by this name only.
        ["-chardev", "pipe,id=qtest,path=\(path)", "-qtest", "chardev:qtest", "-qtest-log", "none"]
    }

    /// The eight bytes at an address, in the guest's order.
    func longWord(at address: UInt64) throws -> UInt64 {
        let answer = try ask("readq 0x\(String(address, radix: 16))")
        guard let word = UInt64(answer.dropFirst("OK 0x".count), radix: 16) else {
            throw Failure("QEMU does not read the guest's memory: \(answer)")
        }
        return word
    }

    func write(_ longWord: UInt64, at address: UInt64) throws {
        let answer = try ask("writeq 0x\(String(address, radix: 16)) 0x\(String(longWord, radix: 16))")
        guard answer == "OK" else { throw Failure("QEMU does not write to the guest's memory: \(answer)") }
    }

    private func ask(_ request: String) throws -> String {
        try requests.write(contentsOf: Data((request + "\n").utf8))
        var answer = Data()
        while answer.last != UInt8(ascii: "\n") {
            guard !awaitReadable([answers.fileDescriptor]).isEmpty else {
                throw Failure("QEMU does not answer '\(request)'")
            }
            answer += answers.availableData
        }
        return String(decoding: answer.dropLast(), as: UTF8.self)
    }

    /// Opened for both ways, so that nobody waits for whoever opens the other end.
    private static func pipe(_ path: String) throws -> FileHandle {
        let descriptor = mkfifo(path, 0o600) == 0 ? open(path, O_RDWR | O_CLOEXEC) : -1
        guard descriptor >= 0 else { throw Failure("cannot make \(path): \(String(cString: strerror(errno)))") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
