internal import Foundation
internal import Logging
internal import Testing

@testable internal import Telemetry

@Suite struct LogHandlerTests {
    private struct Broken: Error, CustomStringConvertible {
        var description: String { "it broke" }
    }

    /// What one piece of logging gives as lines.
    private func lines(level: Logger.Level = .trace, _ body: (inout Logger) -> Void) async -> [String] {
        let pipe = TestPipe()
        let journal = pipe.journal()
        var logger = Logger(label: "test") { JournalLogHandler(label: $0, journal: journal, level: AdjustableLogLevel(level)) }
        body(&logger)
        #expect(await journal.flush(cap: .seconds(60)))
        return pipe.lines()
    }

    @Test(arguments: [
        (Logger.Level.trace, "debug"), (.debug, "debug"), (.info, "info"), (.notice, "notice"), (.warning, "warning"),
        (.error, "error"),
        (.critical, "critical"),
    ])
    func levelsBecomePriorities(level: Logger.Level, name: String) async {
        let lines = await lines { $0.log(level: level, "text") }
        #expect(lines.first?.contains("Z \(name): text") == true)
    }

    @Test func metadataOfTheStatementWinsOverTheLoggers() async {
        let lines = await lines { logger in
            logger[metadataKey: "plugin"] = "general"
            logger[metadataKey: "kept"] = "yes"
            logger.info("text", metadata: ["plugin": "special"])
        }
        #expect(lines.first?.hasSuffix("text kept=yes plugin=special") == true)
    }

    @Test func lessSevereStatementsStayOut() async {
        let lines = await lines(level: .warning) { logger in
            logger.info("text")
            logger.error("text")
        }
        #expect(lines.count == 1)
    }

    @Test func anErrorBecomesAField() async {
        let lines = await lines { $0.error("text", error: Broken()) }
        #expect(lines.first?.contains("error=\"it broke\"") == true)
    }

    @Test func anEventCarriesItsFields() async {
        let lines = await lines {
            $0.event(.pluginEnded, at: .warning, "plugin ended", [.plugin: "legacy", .reason: "exit code 2"])
        }
        #expect(lines.first?.hasSuffix(#"warning: plugin ended plugin=legacy reason="exit code 2""#) == true)
    }

    @Test(arguments: [
        "authorization", "Proxy-Authorization", "cookie", "Set-Cookie", "X-API-Key", "api_key", "token", "idToken",
        "clientSecret",
        "password", "DB_PASSWORD", "passphrase", "private_key", "credentials", "secureJsonData", "jwt", "environment",
    ])
    func valuesUnderTellingKeysAreWithheld(key: String) async {
        let lines = await lines { logger in
            logger.info("one", metadata: [key: "canary-7f3a"])
            logger.info("two", metadata: ["outer": ["inner": [.dictionary([key: "canary-7f3a"])]]])
            logger[metadataKey: key] = "canary-7f3a"
            logger.info("three")
        }
        #expect(lines.count == 3)
        #expect(!lines.joined().contains("canary"))
        #expect(lines.allSatisfy { $0.contains("[redacted]") })
    }

    @Test func nestedMetadataIsReadable() async {
        let lines = await lines { $0.info("text", metadata: ["list": ["a", "b"], "map": ["k": "v"]]) }
        #expect(lines.first?.hasSuffix(#"list="[a, b]" map="{k=v}""#) == true)
    }

    @Test func deepMetadataDoesNotRunAway() async {
        var value: Logger.MetadataValue = "end"
        for _ in 0..<1000 { value = ["deeper": value] }
        let deep = value
        let lines = await lines { $0.info("text", metadata: ["deep": deep]) }
        #expect(lines.first?.contains("…") == true)
    }

    @Test(arguments: LogKey.allCases)
    func everyLogKeyIsAFieldNameWithOurPrefixAndNotWithheld(key: LogKey) {
        #expect(FieldName.isValid(key.rawValue))
        #expect(key.rawValue.hasPrefix(FieldName.prefix))
        #expect(FieldName.forKey(key.rawValue) == key.rawValue)
        #expect(!Redaction.isSecret(key.rawValue))
    }
}
