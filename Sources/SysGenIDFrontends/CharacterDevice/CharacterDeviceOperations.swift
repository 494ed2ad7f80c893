import SysGenIDFuse

/// The operations of the character device. The kernel's CUSE has no mmap; all else is as for every frontend.
final class CharacterDeviceOperations: WatcherOperations, @unchecked Sendable {}
