/// What tells one resumed system from another: 128 bits that the hypervisor, or whoever makes the
/// clones, changes at every resume.
public struct Identity: Hashable, Sendable {
    /// The identity's bytes in the order of memory, read as two native words.
    public var high: UInt64
    public var low: UInt64

    /// Whose numbering the identity belongs to. Identities are compared only within one domain, so that
    /// a daemon that is started with another backend does not take the different number for a resume.
    public var domain: Domain

    /// A numbering of identities, named by a digest of its description.
    public struct Domain: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt64

        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// The domain of the given description, as "vmgenid" or "file:/path".
        public init(_ description: String) {
            rawValue = Digest.fnv1a(description.utf8)
        }

        /// The VM generation ID, by whatever way it is read.
        public static let vmGenerationID = Domain("vmgenid")

        /// The generation counter of the hypervisor's vmclock.
        public static let vmclock = Domain("vmclock")

        /// The number of the record in which the kernel last said that the system was resumed as another one.
        public static let kernelLog = Domain("kernel-log")
    }

    public init(domain: Domain, high: UInt64, low: UInt64) {
        self.domain = domain
        self.high = high
        self.low = low
    }

    /// Whether a system that was known by the other identity of this domain has another one now.
    ///
    /// The records of the kernel's log are numbered upwards, and the log forgets the oldest: a lower number
    /// says only that the known record is gone.
    func isNews(after known: Identity) -> Bool {
        domain == .kernelLog ? low > known.low : self != known
    }
}

extension Identity {
    /// The identity of 16 bytes in the order of memory; nil where there are fewer or more.
    public init?(domain: Domain, bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (high: UInt64, low: UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        self.init(domain: domain, high: words.high, low: words.low)
    }

    /// The identity's 16 bytes in the order of memory.
    public var bytes: [UInt8] { withBytes(Array.init) }

    /// Calls the body with these bytes, which are valid for the call only.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: (high, low), body)
    }
}
