internal import CFuse3
internal import Glibc

// What libfuse calls for a directory besides what it calls for a file.

extension fuse_lowlevel_ops {
    static let servingDirectory = {
        var table = servingFile
        table.lookup = { request, _, name in
            SessionContext.of(request!).serve { $0.lookUp(Request(request!), bytes(of: name)) }
        }
        table.forget = { request, node, count in
            SessionContext.of(request!).serve { $0.forget(Request(request!), node: UInt64(node), count) }
        }
        table.mkdir = { request, _, name, mode in
            SessionContext.of(request!).serve {
                $0.makeDirectory(Request(request!), bytes(of: name), permissions: mode & 0o7777)
            }
        }
        table.rmdir = { request, _, name in
            SessionContext.of(request!).serve { $0.removeDirectory(Request(request!), bytes(of: name)) }
        }
        table.readdir = { request, _, count, offset, _ in
            SessionContext.of(request!).serve { $0.list(Request(request!), from: Int64(offset), count: count) }
        }
        table.getxattr = { request, _, name, count in
            SessionContext.of(request!).serve {
                $0.extendedAttribute(Request(request!), bytes(of: name), count: count)
            }
        }
        table.setxattr = { request, _, name, value, count, _ in
            SessionContext.of(request!).serve {
                $0.setExtendedAttribute(
                    Request(request!), bytes(of: name), to: UnsafeRawBufferPointer(start: value, count: count))
            }
        }
        table.ioctl = { request, node, command, argument, file, flags, input, inputSize, outputSize in
            // Open directories have no handles of their own.
            guard flags & UInt32(FUSE_IOCTL_DIR) == 0 else { return Request(request!).reply(errno: ENOTTY) }
            servingFile.ioctl(request, node, command, argument, file, flags, input, inputSize, outputSize)
        }
        // What is not there the kernel would take for a file system that cannot do it, and say so (ENOSYS).
        table.mknod = { request, _, _, _, _ in Request(request!).reply(errno: EPERM) }
        table.create = { request, _, _, _, _ in Request(request!).reply(errno: EPERM) }
        table.unlink = { request, _, _ in Request(request!).reply(errno: EPERM) }
        table.symlink = { request, _, _, _ in Request(request!).reply(errno: EPERM) }
        table.link = { request, _, _, _ in Request(request!).reply(errno: EPERM) }
        table.rename = { request, _, _, _, _, _ in Request(request!).reply(errno: EPERM) }
        return table
    }()

    /// A name of the kernel's, without the zero at its end.
    private static func bytes(of name: UnsafePointer<CChar>?) -> [UInt8] {
        name.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
    }
}
