internal import Logging
internal import SysGenIDCore
internal import SysGenIDSystem

/// The generations that were forged, for the daemon that comes next: who has mapped the page before sees its changes.
///
/// They stand in the file `forged` of the runtime directory, which is there from the first one on: pairs of 32-bit numbers in
/// native byte order, the first and the last of a range. What is wrong in it does no harm: a change passes over numbers
/// that nobody has seen.
struct ForgedFile {
    static let name = "forged"
    private static let size = 8 * ForgedGenerations.limit

    private let directory: RuntimeDirectory

    init(in directory: RuntimeDirectory) {
        self.directory = directory
    }

    /// What is to be passed over from now on.
    ///
    /// - Parameters:
    ///   - generation: the current one.
    ///   - pageShowed: what the page showed when this daemon came: while none was there, nobody put it right.
    func continued(at generation: Generation, pageShowed: UInt32?, _ logger: Logger) -> ForgedGenerations {
        var forged = load(logger)
        guard let pageShowed, pageShowed != generation.rawValue else { return forged }
        forged.remember(pageShowed, at: generation)
        do throws(SystemCallFailure) {
            try store(forged)
        } catch {
            logger.error("what the page showed falsely cannot be kept for a successor: \(error)")
        }
        return forged
    }

    /// What a predecessor has left.
    private func load(_ logger: Logger) -> ForgedGenerations {
        let bytes: [UInt8]
        do throws(SystemCallFailure) {
            bytes = try Files.read(directory.path(of: Self.name), limit: Self.size)
        } catch {
            if error.errno != .noSuchFileOrDirectory {
                logger.error("a change may lead to a generation that was forged before: \(error); remove what is there")
            }
            return ForgedGenerations()
        }
        return bytes.withUnsafeBytes { bytes in
            ForgedGenerations(
                stride(from: 0, through: bytes.count - 8, by: 8).map { offset in
                    (
                        bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self),
                        bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    )
                })
        }
    }

    func store(_ forged: ForgedGenerations) throws(SystemCallFailure) {
        var words = forged.ranges.flatMap { [$0.lowerBound, $0.upperBound] }
        words += [UInt32](repeating: 0, count: 2 * ForgedGenerations.limit - words.count)
        let path = directory.path(of: Self.name)
        guard let file = try NamedFile.ownPlainFile(path) else {
            throw SystemCallFailure("open", path, .invalidArgument)
        }
        try file.write(words.withUnsafeBytes(Array.init), at: 0)
    }
}
