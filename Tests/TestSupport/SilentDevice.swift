import Glibc

/// A character device that gives nothing until somebody writes to it, however long its readers wait: a terminal.
public final class SilentDevice: Sendable {
    /// Where its readers open it.
    public let path: String
    private let writer: CInt
    /// Kept open, so that the terminal is there before its readers.
    private let reader: CInt

    public init() throws {
        var (writer, reader): (CInt, CInt) = (-1, -1)
        var settings = termios()
        cfmakeraw(&settings)
        var name = [CChar](repeating: 0, count: 64)
        guard openpty(&writer, &reader, nil, &settings, nil) == 0, ttyname_r(reader, &name, name.count) == 0 else {
            throw Scratch.NotMade(errno: errno)
        }
        (self.writer, self.reader) = (writer, reader)
        for descriptor in [writer, reader] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        close(writer)
        close(reader)
    }

    /// Gives its readers so many bytes.
    public func give(_ byte: UInt8, count: Int) {
        _ = [UInt8](repeating: byte, count: count).withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
    }
}
