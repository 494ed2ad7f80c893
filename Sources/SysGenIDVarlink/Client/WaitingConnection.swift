import SysGenIDSystem

/// A connection whose owner waits for each step, until a moment of the monotonic clock in nanoseconds; nil is for ever.
struct WaitingConnection {
    private let socket: StreamSocket

    init(to address: SocketAddress, until moment: UInt64?) throws(VarlinkFailure) {
        do {
            socket = try StreamSocket(connectingTo: address, until: moment)
        } catch  where [.wouldBlock, .timedOut].contains(error.errno) {
            throw .tooLate
        } catch {
            throw .system(error)
        }
    }

    func send(_ bytes: [UInt8], until moment: UInt64?) throws(VarlinkFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            do {
                rest = rest.dropFirst(try socket.send(rest))
            } catch {
                // What the far end has said before it went may tell why.
                guard error == .brokenPipe || error == .connectionReset else {
                    throw .system(SystemCallFailure("send", "the service", error))
                }
                return
            }
            if !rest.isEmpty, !socket.awaitRoom(until: moment) { throw .tooLate }
        }
    }

    /// At least one byte.
    func receive(upTo count: Int, until moment: UInt64?) throws(VarlinkFailure) -> [UInt8] {
        while true {
            let bytes: [UInt8]?
            do {
                bytes = try socket.receive(upTo: count)
            } catch {
                throw error == .connectionReset ? .closed : .system(SystemCallFailure("recv", "the service", error))
            }
            if let bytes {
                guard !bytes.isEmpty else { throw .closed }
                return bytes
            }
            guard socket.awaitBytes(until: moment) else { throw .tooLate }
        }
    }

    /// A line without its end, of so many bytes at most. No byte after it is taken: that belongs to somebody else.
    func takeLine(upTo limit: Int, until moment: UInt64?) throws(VarlinkFailure) -> [UInt8] {
        var line: [UInt8] = []
        while line.count <= limit {
            let byte = try receive(upTo: 1, until: moment)
            if byte == [UInt8(ascii: "\n")] { return line }
            line += byte
        }
        throw .notUnderstood
    }
}
