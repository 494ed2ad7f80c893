import SysGenIDCore

/// What is in the directory of devices. The kernel knows each by a number, which is never given to something else.
enum DeviceNode: Hashable {
    case root
    /// The directory of the containers.
    case containers
    case directory(of: DeviceID)
    case file(of: DeviceID)

    /// The number by which the kernel knows it.
    var number: UInt64 {
        switch self {
        case .root: 1
        case .containers: 2
        case .file(.system): 3
        case .directory(let device): device.rawValue << 1
        case .file(let device): device.rawValue << 1 | 1
        }
    }

    /// nil where nothing has that number.
    init?(number: UInt64) {
        switch number {
        case 0: return nil
        case 1: self = .root
        case 2: self = .containers
        case 3: self = .file(of: .system)
        default:
            let device = DeviceID(rawValue: number >> 1)
            self = number & 1 == 0 ? .directory(of: device) : .file(of: device)
        }
    }

    static let fileName = "sysgenid"
    static let containersName = "containers"
}

extension DeviceID {
    /// The device of a place in the table of devices. The first two have none: their numbers are those of other nodes.
    init(slot: Int, uses: UInt32) {
        self.init(rawValue: UInt64(uses & Self.usesLimit) << 32 | UInt64(slot))
    }

    var slot: Int { Int(rawValue & 0xffff_ffff) }
    /// How many devices the place had before.
    var uses: UInt32 { UInt32(rawValue >> 32) }

    /// So many that a node's number has room for one bit more.
    static let usesLimit: UInt32 = .max >> 1
    static let firstSlot = 2
}
