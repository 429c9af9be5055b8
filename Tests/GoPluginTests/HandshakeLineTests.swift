import GoPlugin
import Testing

@Suite struct HandshakeLineTests {
    private func parse(_ line: String) throws(HandshakeError) -> HandshakeLine {
        try HandshakeLine(parsing: line.utf8)
    }

    private func code(_ line: String) -> HandshakeError.Code? {
        do {
            _ = try parse(line)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func sixFieldsWithAnEmptyCertificateOfAnOldGoPlugin() throws {
        let line = try parse("1|1|unix|/tmp/plugin1735758451|grpc|\n")
        #expect(line == HandshakeLine(appVersion: 1, endpoint: .unix("/tmp/plugin1735758451")))
        #expect(line.network == .unix)
        #expect(line.address == "/tmp/plugin1735758451")
        #expect(line.certificate == nil)
        #expect(line.multiplexing == nil)
    }

    @Test func fiveFieldsWithAFixedPortOfANodeRenderer() throws {
        let line = try parse("1|1|tcp|127.0.0.1:50059|grpc\n")
        #expect(line.endpoint == .tcp(host: "127.0.0.1", port: 50059))
        #expect(line.wireProtocol == .grpc)
        #expect(line.address == "127.0.0.1:50059")
    }

    @Test(arguments: [("true", true), ("false", false), ("1", true), ("F", false)])
    func sevenFieldsSayWhetherThePluginMultiplexes(text: String, value: Bool) throws {
        #expect(try parse("1|2|unix|/tmp/p|grpc||\(text)").multiplexing == value)
    }

    @Test func anEmptySeventhFieldAndLaterFieldsSayNothing() throws {
        #expect(try parse("1|2|unix|/tmp/p|grpc||").multiplexing == nil)
        #expect(try parse("1|2|unix|/tmp/p|grpc||true|more|and more").multiplexing == true)
        #expect(code("1|2|unix|/tmp/p|grpc||maybe") == .multiplexing)
    }

    /// Builds of 2018 print 48 characters of encoded JSON there.
    @Test(arguments: [1, 48, 50]) func aSixthFieldOfUpToFiftyCharactersIsNoCertificate(count: Int) throws {
        let line = try parse("1|1|unix|/tmp/p|grpc|" + String(repeating: "e", count: count))
        #expect(line.certificate == nil)
        try line.checkSpeakable(offered: OfferedVersions([1, 2]))
    }

    @Test func aSixthFieldOfMoreThanFiftyCharactersIsACertificateAndMeansTLS() throws {
        let line = try parse("1|1|unix|/tmp/p|grpc|" + String(repeating: "M", count: 51))
        #expect(line.certificate?.utf8.count == 51)
        #expect(throws: HandshakeError.self) { try line.checkSpeakable(offered: OfferedVersions([1, 2])) }
    }

    @Test func fourFieldsMeanNetRPC() throws {
        let line = try parse("1|1|unix|/tmp/p")
        #expect(line.wireProtocol == .netrpc)
        #expect(throws: HandshakeError.self) { try line.checkSpeakable(offered: OfferedVersions([1])) }
    }

    @Test func anAnswerOutsideTheOfferNamesBothVersions() throws {
        let line = try parse("1|1|unix|/tmp/p|grpc|")
        let error = #expect(throws: HandshakeError.self) { try line.checkSpeakable(offered: OfferedVersions([2, 3])) }
        #expect(error?.code == .versionNotOffered)
        #expect(error?.message.contains("version 1") == true)
        #expect(error?.message.contains("2,3") == true)
    }

    @Test func yamuxIsRefusedBeforeAnythingIsConnected() throws {
        let line = try parse("1|2|unix|/tmp/p|grpc||true")
        #expect(throws: HandshakeError.self) { try line.checkSpeakable(offered: OfferedVersions([2])) }
    }

    @Test(arguments: [
        "1|2|unix|/run/p.sock|grpc|", "1|1|tcp|127.0.0.1:50059|grpc|", "1|2|tcp|[::1]:1|grpc||true", "1|2|unix|/p|grpc||false",
    ])
    func whatIsPrintedIsWhatWasRead(text: String) throws {
        #expect(try parse(text).printed == text)
    }

    @Test func windowsLineEndsAndSpacesAroundTheLineAreIgnored() throws {
        #expect(try parse("  1|2|unix|/tmp/p|grpc|\r\n").appVersion == 2)
    }

    @Test(arguments: [
        ("", HandshakeError.Code.emptyLine), ("\n", .emptyLine), ("Hello, world", .notAHandshake), ("1|2|unix", .notAHandshake),
        ("|||||", .notAHandshake), ("-1|2|unix|/p|grpc", .notAHandshake), ("1 |2|unix|/p|grpc", .notAHandshake),
        ("2|2|unix|/p|grpc|", .coreVersion), ("99999999999999999999|2|unix|/p|grpc|", .notAHandshake),
        ("1|two|unix|/p|grpc|", .appVersion), ("1||unix|/p|grpc|", .appVersion), ("1|2|udp|/p|grpc|", .network),
        ("1|2|unix|p|grpc|", .address), ("1|2|unix||grpc|", .address), ("1|2|unix|/a\u{7}b|grpc|", .address),
        ("1|2|unix|/a\0b|grpc|", .address),
        ("1|2|unix|/p|grpc2|", .wireProtocol), ("1|2|unix|/p||", .wireProtocol),
    ])
    func aBrokenLineIsRefusedWithItsOwnReason(line: String, expected: HandshakeError.Code) {
        #expect(code(line) == expected)
    }

    @Test(arguments: [
        "0.0.0.0:80", "10.0.0.1:80", "example.com:80", ":80", "128.0.0.1:1", "127.0.0.1.example.com:1", "127.1:1", "0127.0.0.1:1",
        "127.0.0.256:1", "[::]:1", "[fe80::1]:1", "localhost.example:1",
    ])
    func aTCPAddressBeyondLoopbackIsRefusedWithARemedyForThePlugin(address: String) {
        let error = #expect(throws: HandshakeError.self) { try parse("1|1|tcp|\(address)|grpc") }
        #expect(error?.code == .notLoopback)
        #expect(error?.remedy.contains("the plugin must listen") == true)
    }

    @Test(arguments: ["127.0.0.1:1", "127.255.0.9:65535", "localhost:80", "[::1]:8080"]) func loopbackAddressesAreAccepted(
        address: String
    ) throws {
        #expect(try parse("1|1|tcp|\(address)|grpc").address == address)
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http", "127.0.0.1:999999999999999999999",
    ])
    func aTCPAddressWithoutAUsablePortIsRefused(address: String) {
        #expect(code("1|1|tcp|\(address)|grpc") == .address)
    }

    @Test func aSocketPathLongerThanAnAddressHoldsIsRefused() throws {
        let longest = "/" + String(repeating: "a", count: 106)
        #expect(try parse("1|2|unix|\(longest)|grpc|").address == longest)
        #expect(code("1|2|unix|\(longest)a|grpc|") == .address)
    }

    @Test func aSocketPathThatIsNotUTF8IsRefusedAndNotRepaired() {
        let bytes = Array("1|2|unix|/tmp/".utf8) + [0xFF, 0xFE] + Array("|grpc|".utf8)
        let error = #expect(throws: HandshakeError.self) { try HandshakeLine(parsing: bytes) }
        #expect(error?.code == .address)
    }

    @Test func aLineOfMoreThan64KiBIsRefusedHoweverLongItIs() throws {
        let certificate = String(repeating: "M", count: HandshakeLine.maximumBytes - "1|1|unix|/tmp/p|grpc|".utf8.count)
        #expect(try parse("1|1|unix|/tmp/p|grpc|\(certificate)").certificate?.utf8.count == certificate.utf8.count)
        #expect(code("1|1|unix|/tmp/p|grpc|\(certificate)M") == .lineTooLong)
        let flood = #expect(throws: HandshakeError.self) {
            try HandshakeLine(parsing: repeatElement(UInt8(ascii: "x"), count: 1 << 40))
        }
        #expect(flood?.code == .lineTooLong)
    }

    @Test(arguments: [
        "\u{1B}[2J\u{1B}]0;owned\u{7}", "1|2|unix|\u{1B}[31m|grpc|", "1|2|\u{1B}[31m|/p|grpc|", "1|\r\nfake|unix|/p|grpc|",
        "1|1|tcp|\u{9B}31m:1|grpc",
    ])
    func controlCharactersOfAHostileLineNeverReachAnErrorText(line: String) {
        let error = #expect(throws: HandshakeError.self) { try parse(line) }
        let text = error?.description ?? ""
        #expect(!text.isEmpty)
        #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(text.utf8.count < 1200)
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("1|2|unixtcp/[]:.127grpc\n\u{1B}\u{FF}".utf8)
        for _ in 0..<20_000 {
            let line = (0..<Int.random(in: 0...60, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            _ = try? HandshakeLine(parsing: line)
        }
    }
}
