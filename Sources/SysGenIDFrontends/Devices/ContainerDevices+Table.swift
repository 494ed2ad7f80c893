public import SysGenIDCore
import SysGenIDSystem

extension ContainerDevices {
    /// The devices that a predecessor has left; nil where that cannot be read.
    public static func left(in directory: String) -> Set<DeviceID>? {
        guard Files.exists(tablePath(in: directory)) else { return [] }
        guard let contents = try? readTable(in: directory).1 else { return nil }
        return Set(contents.compactMap { $0.entry == nil ? nil : $0.id })
    }

    static func readTable(
        in directory: String
    ) throws(ContainerObstacle) -> (DeviceTable, [DeviceTable.Place]) {
        let table = try DeviceTable(tablePath(in: directory), pages: "\(directory)/pages")
        do throws(HandoverDefect) {
            return (table, try table.contents())
        } catch {
            throw .damaged(error)
        }
    }

    static func tablePath(in directory: String) -> String { "\(directory)/device-table" }
}
