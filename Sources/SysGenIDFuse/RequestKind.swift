/// What the kernel asks for, as far as it matters for when the answer has to come.
///
/// This is the closed list of what may wait. While a request is without its answer, the kernel may hold something that
/// others need, and whoever may open the device could stop everybody by it. So a request waits only where the kernel
/// holds nothing but what belongs to the caller; all others are answered before their operation returns. The functions
/// are those of fs/fuse in Linux 6.1 to 6.18.
public enum RequestKind: CaseIterable, Hashable, Sendable {
    /// read(2) and its kin by a program, on a file that is not cached. `fuse_direct_io` holds the caller's own pages, and
    /// its file position where the open file is shared. Asynchronous ones would be sent in the background, where they
    /// take the places of others: they are not agreed on in the handshake.
    case read
    /// A READ for the kernel's cache: a page fault, readahead(2), posix_fadvise(2), splice(2), sendfile(2). A locked
    /// folio waits for it, and every open for the folio (`invalidate_inode_pages2` in `fuse_open_common`).
    case fill
    /// Attributes through an open file, before a read from the cache (`fuse_cache_read_iter`): nothing is held. lseek(2)
    /// would ask in the same way with the inode locked; a file without an offset refuses it (FOPEN_STREAM).
    case attributesThroughFile
    /// ioctl(2): `fuse_do_ioctl` holds nothing. Those that the kernel makes of other calls with the inode locked
    /// (`fuse_fileattr_set`) have numbers of their own, which nobody serves.
    case control
    /// open(2). The caller could not be told apart from one that looks for the device and does not mean to wait.
    case open
    /// write(2): the inode is locked (`fuse_direct_write_iter`), and chmod(2) or another write(2) would wait.
    case write
    /// poll(2) and epoll_wait(2): the caller cannot be killed, and epoll(7) holds the lock of all that it watches.
    case poll
    /// close(2): in the background, where there are few places, and those of all files are shared.
    case release
    /// stat(2) and fstat(2), and lookups of the path: never wait, by the interface.
    case attributes
    /// chmod(2) and chown(2): the inode is locked, and lookups of the path wait.
    case setAttributes
    /// lookup of a name, mkdir(2), rmdir(2), readdir(3), and extended attributes: the directory is locked, and other
    /// lookups wait.
    case name
    /// All that has no operation here: libfuse answers by itself.
    case unserved

    /// Whether the answer may come later.
    public var mayWait: Bool {
        switch self {
        case .read, .attributesThroughFile, .control: true
        case .fill, .open, .write, .poll, .release, .attributes, .setAttributes, .name, .unserved: false
        }
    }
}
