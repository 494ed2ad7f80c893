/// What goes over a connection to one who may read slowly, or not at all: of answers that he has not begun to read, the
/// newest. So it never keeps more than two.
struct OutgoingBytes {
    private var sending: ArraySlice<UInt8> = []
    private var newest: [UInt8]?

    var isEmpty: Bool { sending.isEmpty }

    /// What is to be sent now.
    var next: ArraySlice<UInt8> { sending }

    mutating func put(_ message: [UInt8]) {
        if sending.isEmpty { sending = message[...] } else { newest = message }
    }

    /// So many bytes of it were sent.
    mutating func sent(_ count: Int) {
        sending = sending.dropFirst(count)
        guard sending.isEmpty else { return }
        sending = (newest ?? [])[...]
        newest = nil
    }
}
