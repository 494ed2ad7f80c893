internal import Logging
internal import SysGenIDCore
internal import SysGenIDSystem

/// The pages that show the generation: the one that clients map, and the file `page` of the runtime directory.
///
/// Where that directory lies in memory both are the same, so that whoever has mapped the device once sees the changes of
/// every daemon that comes, also where nobody keeps descriptors from one to the next.
struct ServedPages {
    /// What clients map.
    let counterPage: CounterPage
    /// The file, where it is another page that has to be stored to as well. Only the preload library maps it then.
    let copy: PageFile?

    static let fileName = "page"

    /// - Parameter inherited: the page that a predecessor has handed over.
    init(
        in directory: RuntimeDirectory, continuing inherited: CounterPage?, _ generation: Generation, _ logger: Logger
    ) throws {
        let file = Self.file(in: directory, generation, logger)
        let shared = inherited ?? file.flatMap { try? CounterPage(in: $0, generation: generation.rawValue) }
        counterPage = try shared ?? CounterPage(generation: generation.rawValue)
        copy = file.flatMap { [counterPage] in counterPage.isShared(with: $0) ? nil : $0 }
    }

    private static func file(in directory: RuntimeDirectory, _ generation: Generation, _ logger: Logger) -> PageFile? {
        do throws(SystemCallFailure) {
            return try PageFile(directory.path(of: fileName), generation: generation.rawValue)
        } catch {
            logger.warning(
                "mappings will end with this daemon, and libsysgenid-preload.so has nothing to map: \(error)")
            return nil
        }
    }
}
