import SysGenIDDaemon

@main
enum SysgeniddMain {
    static func main() {
        DaemonCommand.start()
    }
}
