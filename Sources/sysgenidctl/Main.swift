import SysGenIDCommands

@main
enum Main {
    static func main() {
        ControlCommand.main()
    }
}
