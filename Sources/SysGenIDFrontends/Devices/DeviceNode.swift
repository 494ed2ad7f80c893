import SysGenIDCore

/// What is in the directory of devices. The kernel knows each by a number, which is never given to something else.
enum DeviceNode: Hashable {
    case root
    /// The directory of the containers.
    case containers
    case directory(of: DeviceID)
    case file(of: DeviceID)
    /// The page in the layout of a vmclock.
    case clock(of: DeviceID)

    /// The number by which the kernel knows it.
    var number: UInt64 {
        switch self {
        case .root: 1
        case .containers: 2
        case .file(.system): 3
        case .clock(.system): 4
        case .directory(let device): device.rawValue << 2
        case .file(let device): device.rawValue << 2 | 1
        case .clock(let device): device.rawValue << 2 | 2
        }
    }

    /// nil where nothing has that number.
    init?(number: UInt64) {
        switch number {
        case 0: return nil
        case 1: self = .root
        case 2: self = .containers
        case 3: self = .file(of: .system)
        case 4: self = .clock(of: .system)
        default:
            let device = DeviceID(rawValue: number >> 2)
            switch number & 3 {
            case 0: self = .directory(of: device)
            case 1: self = .file(of: device)
            case 2: self = .clock(of: device)
            default: return nil
            }
        }
    }

    static let fileName = "sysgenid"
    static let clockName = "vmclock0"
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

    /// So many that a node's number has room for two bits more.
    static let usesLimit: UInt32 = .max >> 2
    static let firstSlot = 2
}
