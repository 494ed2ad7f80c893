import SysGenIDOverseer

@main
enum SysgenidOverseerdMain {
    static func main() {
        OverseerCommand.main()
    }
}
