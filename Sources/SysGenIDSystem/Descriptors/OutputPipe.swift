internal import CSysGenID
internal import SystemPackage

/// A pipe that a program writes to and this process reads. See pipe(2).
public struct OutputPipe: ~Copyable, Sendable {
    /// What is read from, without ever waiting.
    public let readingEnd: OwnedDescriptor
    /// What a program gets. It is to be given up once the program has it, so that the reader sees its end.
    public let writingEnd: OwnedDescriptor

    /// Makes one whose ends are close-on-exec. To write to it waits as ever.
    public init() throws(SystemCallFailure) {
        var (reading, writing): (CInt, CInt) = (-1, -1)
        try describing("pipe2", "for output") { () throws(Errno) in
            try nothingOrErrno { csysgenid_output_pipe(&reading, &writing) }
        }
        readingEnd = OwnedDescriptor(owning: reading)
        writingEnd = OwnedDescriptor(owning: writing)
    }

    /// Gives up the end that is written to.
    public consuming func onlyReading() -> OwnedDescriptor {
        readingEnd
    }
}
