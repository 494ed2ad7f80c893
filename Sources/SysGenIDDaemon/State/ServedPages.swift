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
    /// Whether the page that clients map was there before this daemon. A mapping of it can be one for writing.
    let wasThereBefore: Bool
    /// What that page showed when this daemon came; nil where it is new.
    let found: UInt32?

    static let fileName = "page"

    /// - Parameter inherited: the page that a predecessor has handed over.
    init(
        in directory: RuntimeDirectory, continuing inherited: CounterPage?, _ generation: Generation, _ logger: Logger
    ) throws {
        // Before the file is opened, which may be that of the same page.
        let inheritedShowed = inherited?.load()
        let file = Self.file(in: directory, generation, logger)
        let named = inherited == nil ? file.flatMap { try? CounterPage(in: $0, generation: generation.rawValue) } : nil
        wasThereBefore = inherited != nil || named != nil && file?.found != nil
        found = inheritedShowed ?? (named == nil ? nil : file?.found)
        counterPage = try inherited ?? named ?? CounterPage(generation: generation.rawValue)
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
