internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// What is stored of a change before anyone is woken, besides the counter page: the state, and the page that only the
/// preload library maps.
struct StateJournal: Journal {
    let state: StateFile
    /// Nil where the counter page is that page, or where there is none.
    let page: PageFile?
    let forged: ForgedFile

    func write(_ record: Record) throws(SystemCallFailure) {
        page?.store(record.generation.rawValue)
        try state.write(record)
    }

    func keep(_ forged: ForgedGenerations) throws(SystemCallFailure) {
        try self.forged.store(forged)
    }
}
