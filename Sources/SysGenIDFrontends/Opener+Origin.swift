import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

extension Opener {
    /// Whoever made a request, and whom it is counted for.
    init(_ caller: Request.Caller, from origin: Origin) {
        let account: Account =
            switch origin.domain {
            case .administration: .privileged
            case .userID: .user(caller.userID)
            case .user(let owner): .user(owner)
            case .namespace(let number): .namespace(number)
            // Where nobody can be told from root, root must not be shut out.
            case .unseen: caller.userID == 0 ? .privileged : .user(caller.userID)
            }
        self.init(
            thread: caller.thread, userID: caller.userID, account: account,
            group: origin.controlGroup.map(Account.controlGroup))
    }
}
