import SysGenID
import SysGenIDSystem

/// Makes changes, each on a thread of its own: the device may be served by a daemon that does not answer.
final class TriggerThread: Sendable {
    /// What came of it.
    struct News: Hashable, Sendable {
        /// nil where there is none.
        var generation: Generation?
        /// Why there is none.
        var remark = ""
    }

    /// Readable when a change was made, or could not be.
    let signal: EventSignal
    private let news = Lock<News?>(nil)
    private let path: String

    init(path: String) throws(SystemCallFailure) {
        signal = try EventSignal()
        self.path = path
    }

    /// Makes a change. To be called once until what came of it was taken.
    func trigger(minimum: UInt32) {
        do throws(SystemCallFailure) {
            _ = try Thread(named: "trigger") { [self] in
                do throws(DeviceFailure) {
                    tell(News(generation: try Overseer(path: path).trigger(minimum: minimum)))
                } catch {
                    tell(News(remark: "\(error)"))
                }
            }
        } catch {
            tell(News(remark: "\(error)"))
        }
    }

    func take() -> News? {
        news.withLock { news in
            defer { news = nil }
            return news
        }
    }

    private func tell(_ news: News) {
        self.news.withLock { $0 = news }
        signal.raise()
    }
}
