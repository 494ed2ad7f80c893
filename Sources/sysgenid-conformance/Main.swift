internal import SysGenIDConformance

@main
enum Main {
    static func main() {
        ConformanceCommand.main()
    }
}
