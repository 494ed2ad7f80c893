import SysGenIDCore

/// A request, as far as it matters to the service.
struct Call {
    var key: RequestKey
    var form: ReplyForm
    var mayPark = false
    /// When its time is over, where it is parked.
    var deadline: Deadline?
    /// When it ends as by a signal, where it is parked: before the kernel ends the connection over it.
    var limit: Deadline?
    /// The watcher whose own state it may change.
    var changedWatcher: WatcherID?
    /// What it is the cause of, where it makes a change.
    var cause: ServiceEvent.Cause?
}
