import Testing

@testable import SysGenIDCommands

@Suite("The configuration of OpenSSL")
struct OpenSSLConfigurationTests {
    /// As Debian 12 has it.
    static let debian12 = """
        HOME\t\t\t= .

         # Use this in order to automatically load providers.
        openssl_conf = openssl_init
        # .include fipsmodule.cnf
        oid_section = new_oids

        [ new_oids ]

        [openssl_init]
        # providers = provider_sect
        # random = random_sect

        # [provider_sect]
        # default = default_sect

        [ ca ]
        default_ca\t= CA_default\t\t# The default ca section

        """
    /// As Debian 13 has it.
    static let debian13 = """
        openssl_conf = openssl_init

        [openssl_init]
        providers = provider_sect

        [provider_sect]
        default = default_sect

        [default_sect]
        # activate = 1

        [ ca ]

        """
    /// In short what the package has.
    static let provider = """
        # What it is.
        openssl_conf = sysgenid_init

        [sysgenid_provider]
        module = /usr/lib/ossl-modules/sysgenid.so
        # device = /dev/sysgenid

        """

    private let own = OpenSSLConfiguration(Array(provider.utf8))

    private func enabled(_ text: String) throws -> String {
        let contents = try OpenSSLConfiguration(Array(text.utf8)).enabled(with: own)
        return String(decoding: contents, as: UTF8.self)
    }

    private func addition(_ text: String) throws -> [String] {
        try OpenSSLConfiguration(Array(text.utf8)).addition(of: own)
    }

    @Test("what Debian 12 has gets the providers, the generator and what Node reads")
    func ofDebian12() throws {
        #expect(
            try enabled(Self.debian12) == Self.debian12 + """

                # sysgenid: begin ('sysgenidctl openssl disable' takes this away)
                [openssl_init]
                random = sysgenid_random
                providers = sysgenid_providers
                [default]
                nodejs_conf = sysgenid_init
                [sysgenid_provider]
                module = /usr/lib/ossl-modules/sysgenid.so
                # sysgenid: end

                """)
    }

    @Test("a provider that was active by itself is activated by name")
    func ofDebian13() throws {
        #expect(
            try addition(Self.debian13).dropFirst().dropLast(5) == [
                "[openssl_init]", "random = sysgenid_random", "[provider_sect]", "sysgenid = sysgenid_provider",
                "[default_sect]", "activate = 1",
            ])
        let unnamed = Self.debian13.replacing("default = default_sect", with: "other = default_sect")
        #expect(try addition(unnamed).contains("default = sysgenid_default"))
    }

    @Test("who activates providers already keeps them, and gets no other")
    func otherProviders() throws {
        let active = Self.debian13.replacing("# activate", with: "activate")
        #expect(
            try addition(active).dropFirst().dropLast(5) == [
                "[openssl_init]", "random = sysgenid_random", "[provider_sect]", "sysgenid = sysgenid_provider",
            ])
    }

    @Test("a file that starts nothing starts with the provider", arguments: ["", "HOME = .\n", "# openssl_conf = x\n"])
    func withoutStart(text: String) throws {
        #expect(
            try addition(text).dropFirst().dropLast(3) == [
                "[default]", "nodejs_conf = sysgenid_init", "openssl_conf = sysgenid_init",
            ])
    }

    @Test(
        "enabling twice is enabling once, and disabling gives back each byte",
        arguments: [debian12, debian13, debian12.replacing("\n", with: "\r\n"), "", "\n\n", "name = \u{FC}\n"])
    func thereAndBack(text: String) throws {
        let once = try enabled(text)
        #expect(try enabled(once) == once)
        let configuration = OpenSSLConfiguration(Array(once.utf8))
        #expect(configuration.isEnabled)
        #expect(configuration.disabled == Array(text.utf8))
        #expect(!OpenSSLConfiguration(configuration.disabled).isEnabled)
        #expect(OpenSSLConfiguration(Array(text.utf8)).disabled == Array(text.utf8))
    }

    @Test("bytes that are no text stay")
    func bytes() throws {
        let contents: [UInt8] = [0xFF, 0x00, 0xC3] + Array("\n".utf8)
        let once = try OpenSSLConfiguration(contents).enabled(with: own)
        #expect(OpenSSLConfiguration(once).disabled == contents)
    }

    @Test("lines end as the others do")
    func carriageReturns() throws {
        let lines = try enabled(Self.debian13.replacing("\n", with: "\r\n")).utf8.split(separator: UInt8(ascii: "\n"))
        #expect(lines.allSatisfy { $0.last == UInt8(ascii: "\r") })
    }

    @Test("what stands after it stays, and a last line without an end gets one")
    func surroundings() throws {
        let once = try enabled("[ca]\nx = 1")
        #expect(once.hasPrefix("[ca]\nx = 1\n\n# sysgenid: begin"))
        let followed = OpenSSLConfiguration(Array((once + "[more]\n").utf8))
        #expect(followed.disabled == Array("[ca]\nx = 1\n[more]\n".utf8))
    }

    @Test("an earlier addition is replaced by what is needed now")
    func replacement() throws {
        let once = try enabled(Self.debian12)
        let edited = once.replacing("# providers = provider_sect", with: "providers = p\n[p]\nd = s\n[s]\nactivate = 1")
        let again = try enabled(edited)
        #expect(again.contains("[p]\nsysgenid = sysgenid_provider"))
        #expect(!again.contains("sysgenid_providers"))
    }

    @Test(
        "somebody's generator stays",
        arguments: ["random = mine", "random=mine # a remark", "openssl_init::random = mine"])
    func otherGenerator(line: String) {
        let text = Self.debian12.replacing("# random = random_sect", with: line)
        #expect(throws: OpenSSLConfiguration.Obstacle.otherGenerator(section: "mine")) { try addition(text) }
    }

    @Test("FIPS stays as it is")
    func fips() {
        let provider = Self.debian13.replacing("default = default_sect", with: "fips = fips_sect")
        #expect(throws: OpenSSLConfiguration.Obstacle.fips) { try addition(provider) }
        let property = Self.debian12 + "[algorithms]\ndefault_properties = fips=yes\n"
        #expect(throws: OpenSSLConfiguration.Obstacle.fips) { try addition(property) }
    }

    @Test("what is in other files is not guessed")
    func elsewhere() {
        for (text, section) in [
            ("openssl_conf = there\n.include /etc/other.cnf\n", "there"),
            (".include /etc/other.cnf\n", "default"),
            ("openssl_conf = i\n[i]\nproviders = there\n", "there"),
            ("openssl_conf = i\n[i]\nproviders = p\n[p]\nfoo = there\n", "there"),
        ] {
            #expect(throws: OpenSSLConfiguration.Obstacle.sectionElsewhere(section)) { try addition(text) }
        }
    }

    @Test("a line that a backslash continues is one, also the last of the file")
    func continuedLines() throws {
        #expect(throws: OpenSSLConfiguration.Obstacle.otherGenerator(section: "mine")) {
            try addition("openssl_conf = \\\ni\n[i]\nrandom = \\\nmine\n")
        }
        #expect(try enabled("x = 1 \\\n").hasPrefix("x = 1 \\\n\n# sysgenid: begin"))
    }

    @Test("what Node reads already stays")
    func node() throws {
        let text = "nodejs_conf = mine\n" + Self.debian12
        #expect(try !addition(text).contains("nodejs_conf = sysgenid_init"))
    }

    @Test("the library is the one that is named, also after it was enabled")
    func module() throws {
        #expect(own.module == "/usr/lib/ossl-modules/sysgenid.so")
        #expect(try OpenSSLConfiguration(Array(enabled(Self.debian13).utf8)).module == own.module)
        #expect(OpenSSLConfiguration(Array(Self.debian13.utf8)).module == nil)
    }
}
