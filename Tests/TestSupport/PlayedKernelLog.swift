import Glibc

/// A log of the kernel's that is played by a terminal: like /dev/kmsg it is a character device that poll(2) tells of.
public final class PlayedKernelLog: Sendable {
    private let writer: CInt
    private let reader: CInt

    /// - Parameter path: where the log is to be found. Its folder has to be there.
    public init(_ path: String) throws {
        var settings = termios()
        // What is written comes as it is, and is not echoed.
        cfmakeraw(&settings)
        var (writer, reader): (CInt, CInt) = (-1, -1)
        var name = [CChar](repeating: 0, count: 64)
        guard openpty(&writer, &reader, nil, &settings, nil) == 0, ttyname_r(reader, &name, name.count) == 0,
            symlink(name, path) == 0
        else { throw NotMade(errno: errno) }
        (self.writer, self.reader) = (writer, reader)
    }

    deinit {
        close(writer)
        close(reader)
    }

    /// Adds to the log.
    public func log(_ lines: String) {
        var lines = lines
        lines.withUTF8 { _ = write(writer, $0.baseAddress, $0.count) }
    }

    /// It could not be made.
    public struct NotMade: Error {
        public var errno: CInt
    }
}
