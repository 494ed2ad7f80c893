internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// What is stored of a change before anyone is woken: the page that the preload library maps, and the state.
struct Publication: Journal {
    let state: StateFile
    /// Nil where there could be none: then the preload library has nothing to map.
    let page: PageFile?

    static let pageName = "page"

    func write(_ record: Record) throws(SystemCallFailure) {
        page?.store(record.generation.rawValue)
        try state.write(record)
    }
}
