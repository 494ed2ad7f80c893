internal import CFuse3
internal import SysGenIDSystem

// The tables of C functions that libfuse calls. Each function decodes and calls the operations; what a
// request means is decided there.

extension fuse_lowlevel_ops {
    static let servingFile = {
        var table = fuse_lowlevel_ops()
        table.`init` = { _, connection in connection?.pointee.prepareForCounterFile() }
        table.open = { request, _, file in
            SessionContext.of(request!).serve {
                $0.open(Request(request!), flags: file!.accessFlags)
            }
        }
        table.read = { request, _, count, offset, file in
            SessionContext.of(request!).serve {
                $0.read(Request(request!), of: file!, count: count, offset: offset)
            }
        }
        table.write = { request, _, bytes, count, _, file in
            SessionContext.of(request!).serve {
                $0.write(
                    Request(request!), of: file!.handle, bytes: UnsafeRawBufferPointer(start: bytes, count: count))
            }
        }
        table.poll = { request, _, file, pollHandle in
            SessionContext.of(request!).serve {
                $0.poll(
                    Request(request!), of: file!.handle, for: PollEvents(rawValue: file!.pointee.poll_events),
                    pollHandle: PollHandle(replacing: pollHandle, of: request!))
            }
        }
        table.ioctl = { request, _, command, word, file, _, _, _, _ in
            SessionContext.of(request!).serve {
                $0.control(
                    Request(request!), of: file!.handle, command: UInt32(truncatingIfNeeded: command),
                    word: UInt(bitPattern: word))
            }
        }
        table.release = { request, _, file in
            SessionContext.of(request!).serve {
                $0.release(Request(request!), of: file!.handle)
            }
        }
        table.getattr = { request, _, file in
            SessionContext.of(request!).serve {
                $0.attributes(Request(request!), through: file?.handle)
            }
        }
        table.setattr = { request, _, status, fields, _ in
            SessionContext.of(request!).serve {
                $0.setAttributes(
                    Request(request!), AttributeChange(status!.pointee, fields: fields))
            }
        }
        return table
    }()
}

extension cuse_lowlevel_ops {
    static let servingDevice = {
        var table = cuse_lowlevel_ops()
        table.`init` = { _, connection in connection?.pointee.limitWrites() }
        table.open = { request, file in
            SessionContext.of(request!).serve {
                $0.open(Request(request!), flags: file!.accessFlags)
            }
        }
        table.read = { request, count, offset, file in
            SessionContext.of(request!).serve {
                $0.read(Request(request!), of: file!, count: count, offset: offset)
            }
        }
        table.write = { request, bytes, count, _, file in
            SessionContext.of(request!).serve {
                $0.write(
                    Request(request!), of: file!.handle, bytes: UnsafeRawBufferPointer(start: bytes, count: count))
            }
        }
        table.poll = { request, file, pollHandle in
            SessionContext.of(request!).serve {
                $0.poll(
                    Request(request!), of: file!.handle, for: PollEvents(rawValue: file!.pointee.poll_events),
                    pollHandle: PollHandle(replacing: pollHandle, of: request!))
            }
        }
        table.ioctl = { request, command, word, file, _, _, _, _ in
            SessionContext.of(request!).serve {
                $0.control(
                    Request(request!), of: file!.handle, command: UInt32(truncatingIfNeeded: command),
                    word: UInt(bitPattern: word))
            }
        }
        table.release = { request, file in
            SessionContext.of(request!).serve {
                $0.release(Request(request!), of: file!.handle)
            }
        }
        return table
    }()
}

extension FileOperations {
    /// Tells a READ for the kernel's cache from a program's.
    fileprivate func read(
        _ request: consuming Request, of file: UnsafeMutablePointer<fuse_file_info>, count: Int, offset: off_t
    ) {
        guard request.kind != .fill else { return fill(request, of: file.handle) }
        read(request, of: file.handle, count: count, offset: Int64(offset), flags: file.accessFlags)
    }
}

extension fuse_conn_info {
    /// Keeps of libfuse's defaults what serves a file of a few bytes.
    fileprivate mutating func prepareForCounterFile() {
        // With the flag, an open with O_TRUNC would make the kernel believe that the file is empty.
        want &= ~UInt32(FUSE_CAP_ATOMIC_O_TRUNC)
        // With the flag, asynchronous direct reads are background requests: a dozen that wait would take all the places
        // of the connection (max_background), and RELEASE, which is one, too, could not come. Without it the read waits
        // in its caller.
        want &= ~UInt32(FUSE_CAP_ASYNC_DIO)
        limitWrites()
    }

    /// Only what is longer than a generation must be told from what is not. The kernel wants there to be room for the
    /// longest write at each read of a message.
    fileprivate mutating func limitWrites() {
        max_write = 4096
    }
}

extension PollHandle {
    /// libfuse keeps the number to itself; it stands in the kernel's message. nil where the poll does not sleep.
    fileprivate init?(replacing handle: OpaquePointer?, of request: fuse_req_t) {
        guard let handle else { return nil }
        fuse_pollhandle_destroy(handle)
        guard let number = SessionContext.of(request).message.pollNumber else { return nil }
        self.init(number: number, connection: SessionContext.of(request).connection)
    }
}

extension UnsafeMutablePointer<fuse_file_info> {
    fileprivate var handle: UInt64 { pointee.fh }
    fileprivate var accessFlags: AccessFlags { AccessFlags(rawValue: pointee.flags) }
}

extension AttributeChange {
    fileprivate init(_ status: stat, fields: CInt) {
        permissions = fields & FUSE_SET_ATTR_MODE == 0 ? nil : status.st_mode & 0o7777
        userID = fields & FUSE_SET_ATTR_UID == 0 ? nil : status.st_uid
        groupID = fields & FUSE_SET_ATTR_GID == 0 ? nil : status.st_gid
    }
}
