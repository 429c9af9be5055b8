internal import Testing

@testable internal import Telemetry

@Suite struct JournalLineTests {
    private func line(_ message: String, _ fields: [(String, String)] = []) -> String {
        var entry = JournalEntry(.warning, message, event: .pluginEnded)
        for (name, value) in fields { entry.append(name, value) }
        return String(decoding: JournalLine.render(entry), as: UTF8.self)
    }

    @Test func aLineHasTimeLevelMessageAndFields() throws {
        let line = line(
            "plugin ended", [("PLUGIN_GATEWAY_PLUGIN", "legacy"), ("PLUGIN_GATEWAY_REASON", "exit code 2"), ("OTHER", "")])
        #expect(
            line.wholeMatch(
                of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning: plugin ended plugin=legacy reason="exit code 2" other=""\n/)
                != nil)
    }

    @Test(arguments: ["\n", "\r", "\u{1b}[31m", "\u{0}", "\u{7f}", "\u{9b}", "\u{2028}", "\u{202e}", "\u{2066}"])
    func noValueCanForgeALineOrCommandATerminal(text: String) {
        let line = line("a\(text)b", [("F", "c\(text)d")])
        #expect(line.unicodeScalars.filter { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) } == ["\n"])
        #expect(!line.unicodeScalars.contains { [0x2028, 0x202E, 0x2066].contains($0.value) })
    }

    @Test func quotesAndBackslashesAreEscaped() {
        #expect(line("m", [("F", #"say "a\b""#)]).hasSuffix(#" f="say \"a\\b\"""# + "\n"))
    }

    @Test func aVeryLongEntryGivesABoundedLine() {
        let line = line("m", (0..<50).map { ("F\($0)", String(repeating: "x", count: 16_000)) })
        #expect(line.utf8.count <= JournalLine.maximumBytes + 10)
        #expect(line.hasSuffix("[cut]\n"))
    }
}
