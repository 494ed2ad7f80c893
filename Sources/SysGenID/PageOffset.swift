internal import SysGenIDSystem

/// Where in the mapped page the generation lies, as the daemon publishes it in `page_offset`.
enum PageOffset {
    /// The offset that the interface has where none is published.
    static let standard = 0

    /// Reads the offset, in bytes, that is published in the runtime directory for the device at the path.
    ///
    /// - Returns: the published offset; the interface's own, 0, where there is none, or where it is about another device.
    /// - Throws: `DeviceFailure` with the reason `unmappable` where the file is there and has no such offset: no number,
    ///   no multiple of 4, or so large that the generation would not lie in a page of 4096 bytes.
    static func published(in directory: String, for path: String) throws(DeviceFailure) -> Int {
        guard PublishedAttributes(in: directory).describe(path) else { return standard }
        let file = "\(directory)/page_offset"
        return try performing(.map) { () throws(SystemCallFailure) in
            do throws(SystemCallFailure) {
                return try read(file)
            } catch let error where error.errno == .noSuchFileOrDirectory {
                return standard
            }
        }
    }

    private static func read(_ file: String) throws(SystemCallFailure) -> Int {
        let limit = 16
        guard let text = AttributeText.line(try Files.read(file, limit: limit + 1), limit: limit),
            let offset: Int = AttributeText.number(text), offset.isMultiple(of: 4), offset <= 4_096 - 4
        else { throw SystemCallFailure("read", file, .invalidArgument) }
        return offset
    }
}
