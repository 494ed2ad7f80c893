internal import CFuse3

/// The libfuse that this process has loaded, which may be newer than the one it was built with.
public enum Library {
    /// As the library says it, such as `3.17.2`. See fuse_pkgversion in fuse_common.h.
    public static var version: String { String(cString: fuse_pkgversion()) }

    /// Why it cannot serve a file, or a character device; nil where it can. No kernel is asked for that.
    public static func refusal(ofFile isOfFile: Bool) -> SessionFailure? {
        do throws(SessionFailure) {
            _ = try RawSession(isOfFile ? .file : .device(named: "rehearsal"), nil)
            return nil
        } catch {
            return error
        }
    }
}
