internal import CFuse3
internal import Glibc

/// Sessions of libfuse, with the callbacks of this module and without a connection yet.
enum RawSession {
    /// A session for a file; nil where libfuse makes none.
    static func ofFile(_ userData: UnsafeMutableRawPointer?) -> OpaquePointer? {
        var table = fuse_lowlevel_ops.servingFile
        return withArguments { arguments in
            fuse_session_new(&arguments, &table, MemoryLayout<fuse_lowlevel_ops>.size, userData)
        }
    }

    /// A session for a character device of that name below /dev; nil where libfuse makes none.
    static func ofDevice(named name: String, _ userData: UnsafeMutableRawPointer?) -> OpaquePointer? {
        var table = cuse_lowlevel_ops.servingDevice
        return "DEVNAME=\(name)".withCString { definition in
            withUnsafePointer(to: Optional(definition)) { definitions in
                var information = cuse_info()
                information.dev_info_argc = 1
                information.dev_info_argv = UnsafeMutablePointer(mutating: definitions)
                return withArguments { arguments in
                    cuse_lowlevel_new(&arguments, &information, &table, userData)
                }
            }
        }
    }

    /// libfuse wants the arguments of a command line, of which it needs only the name.
    private static func withArguments(_ body: (inout fuse_args) -> OpaquePointer?) -> OpaquePointer? {
        "sysgenidd".withCString { name in
            var words: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: name), nil]
            return words.withUnsafeMutableBufferPointer { words in
                var arguments = fuse_args(argc: 1, argv: words.baseAddress, allocated: 0)
                defer { fuse_opt_free_args(&arguments) }
                return body(&arguments)
            }
        }
    }
}
