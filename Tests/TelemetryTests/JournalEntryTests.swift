internal import Testing

@testable internal import Telemetry

@Suite struct JournalEntryTests {
    @Test(arguments: ["A", "MESSAGE", "PLUGIN_GATEWAY_CALLS_TOTAL", "A9_", String(repeating: "A", count: 64)])
    func aNameThatJournaldTakesIsValid(name: String) {
        #expect(FieldName.isValid(name))
    }

    @Test(arguments: ["", "_PID", "9A", "plugin", "A-B", "A B", "A=B", "Ä", "A\n", String(repeating: "A", count: 65)])
    func aNameThatJournaldWouldDropSilentlyIsInvalid(name: String) {
        #expect(!FieldName.isValid(name))
    }

    @Test func aFieldWithAnInvalidNameIsLeftOutAndCounted() {
        var entry = JournalEntry(.info, "text")
        let before = entry.fields.count
        entry.append("_UID", "0")
        entry.append("lower", "x")
        entry.append("GOOD", "x")
        #expect(entry.leftOutFields == 2)
        #expect(entry.fields.count == before + 1)
    }

    @Test func moreThanSixtyFourFieldsAreLeftOutAndCounted() {
        var entry = JournalEntry(.info, "text")
        let own = entry.fields.count
        for index in 0..<100 { entry.append("FIELD_\(index)", "x") }
        #expect(entry.fields.count == JournalEntry.maximumFields)
        #expect(entry.leftOutFields == 100 - (64 - own))
    }

    @Test(arguments: ["a", "ä", "€", "🙂"])
    func aLongValueIsCutAtACharacterAndMarked(character: String) {
        var entry = JournalEntry(.info, "text")
        entry.append("LONG", String(repeating: character, count: 20_000))
        let value = entry.fields.last.map(entry.value) ?? ""
        #expect(value.utf8.count <= JournalEntry.maximumValueBytes)
        #expect(value.hasSuffix("[cut, \(20_000 * character.utf8.count) bytes]"))
        #expect(!value.unicodeScalars.contains("\u{FFFD}"))
        #expect(value.hasPrefix(character + character))
    }

    @Test func aValueOfExactlyTheLimitStaysWhole() {
        var entry = JournalEntry(.info, "text")
        let text = String(repeating: "a", count: JournalEntry.maximumValueBytes)
        entry.append("LONG", text)
        #expect(entry.fields.last.map(entry.value) == text)
    }

    @Test func anEventBringsItsMessageID() {
        let entry = JournalEntry(.notice, "text", event: .pluginStarted)
        let fields = Dictionary(entry.fields.map { (entry.name($0), entry.value($0)) }) { $1 }
        #expect(fields["MESSAGE_ID"] == EventKind.pluginStarted.messageID)
        #expect(fields["PLUGIN_GATEWAY_EVENT"] == "plugin-started")
        #expect(fields["PRIORITY"] == "5")
        #expect(fields["SYSLOG_IDENTIFIER"] == "plugin-gateway")
    }

    @Test(arguments: [
        ("plugin", "PLUGIN_GATEWAY_PLUGIN"), ("request-id", "PLUGIN_GATEWAY_REQUEST_ID"), ("loopLag", "PLUGIN_GATEWAY_LOOP_LAG"),
        ("PLUGIN_GATEWAY_METHOD", "PLUGIN_GATEWAY_METHOD"), ("_x__y_", "PLUGIN_GATEWAY_X_Y"), ("", "PLUGIN_GATEWAY_FIELD"),
        ("ключ", "PLUGIN_GATEWAY_FIELD"), ("pluginID", "PLUGIN_GATEWAY_PLUGIN_ID"), ("http2.code", "PLUGIN_GATEWAY_HTTP2_CODE"),
    ])
    func anyMetadataKeyGivesAFieldName(key: String, name: String) {
        #expect(FieldName.forKey(key) == name)
    }

    @Test func aVeryLongMetadataKeyGivesAValidName() {
        #expect(FieldName.isValid(FieldName.forKey(String(repeating: "aB", count: 100))))
    }
}
