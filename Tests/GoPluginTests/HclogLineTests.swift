import Foundation
import GoPlugin
import Testing

@Suite struct HclogLineTests {
    private func text(_ line: HclogLine, maxBytes: Int = HclogLine.defaultMaximumBytes) -> String {
        String(decoding: line.encoded(maxBytes: maxBytes), as: UTF8.self)
    }

    /// What a host makes of the line; nil when it would not even parse.
    private func read(_ bytes: [UInt8]) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
    }

    private func line(_ message: String, fields: [(String, String)] = [], time: Int64 = 0) -> HclogLine {
        HclogLine(level: .info, message: message, timestampMicroseconds: time, fields: fields)
    }

    @Test func aLineIsOneJSONObjectWithANewline() {
        let encoded = HclogLine(
            level: .warn, message: "slow", timestampMicroseconds: 1_715_000_000_000_042, module: "plugin",
            fields: [("query", "A")])
        #expect(
            text(encoded)
                == #"{"@level":"warn","@timestamp":"2024-05-06T12:53:20.000042Z","@module":"plugin","@message":"slow","query":"A"}"#
                + "\n")
    }

    /// Another number of digits degrades a line to debug.
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"), (1, "1970-01-01T00:00:00.000001Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"), (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        (1_735_689_599_100_000, "2024-12-31T23:59:59.100000Z"), (-5, "1970-01-01T00:00:00.000000Z"),
        (.min, "1970-01-01T00:00:00.000000Z"),
        (.max, "9999-12-31T23:59:59.999999Z"),
    ])
    func aTimestampHasSixFractionalDigitsAndAZ(time: Int64, expected: String) {
        #expect(text(line("", time: time)).contains("\"@timestamp\":\"\(expected)\""))
    }

    @Test func timestampsAgreeWithFoundationOverManyCenturies() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
        for _ in 0..<2000 {
            let second = Int64.random(in: 0...253_402_300_799)
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(second)))
            #expect(text(line("", time: second * 1_000_000)).contains("\"@timestamp\":\"\(expected).000000Z\""))
        }
    }

    /// A host process panics when one of these is not a string.
    @Test(arguments: [
        "", "plain", "\"quoted\" \\ back", "{\"@level\":3}", "two\nlines\r\n", "tab\t nul\0 bell\u{7} esc\u{1B}[31m",
        "C1 \u{9B}31m", "\u{2028}\u{2029}",
        "déjà vu 日本 🙂", "\u{FFFD}\u{10FFFF}", "panic: boom",
    ])
    func whateverAMessageHoldsTheLineIsJSONWithStringsAlone(message: String) throws {
        let encoded = line(message, fields: [("k\"\n", message), ("@level", "x"), ("@message", "y"), ("@timestamp", "z")])
            .encoded()
        let object = try #require(read(encoded))
        #expect(object.values.allSatisfy { $0 is String })
        #expect(object["@message"] as? String == message)
        #expect(object["@level"] as? String == "info")
        #expect(object["k\"\n"] as? String == message)
        #expect(object["_level"] as? String == "x")
        #expect(encoded.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }

    @Test(arguments: [512, 1000, 4096, HclogLine.defaultMaximumBytes]) func aLineNeverExceedsItsBound(bound: Int) throws {
        for unit in ["x", "é", "🙂", "\u{1}", "\""] {
            let long = String(repeating: unit, count: 70_000)
            let encoded = line(long, fields: [("a", long), ("b", "short"), (long, "c")]).encoded(maxBytes: bound)
            #expect(encoded.count <= bound)
            let object = try #require(read(encoded))
            #expect((object["@message"] as? String)?.contains("bytes cut)") == true)
            #expect(object.values.allSatisfy { $0 is String })
        }
    }

    @Test func fieldsThatDoNotFitAreCounted() throws {
        let fields = (0..<100).map { ("field\($0)", String(repeating: "v", count: 20)) }
        let object = try #require(read(line("m", fields: fields).encoded(maxBytes: 600)))
        let omitted = try #require((object["omitted_fields"] as? String).flatMap(Int.init))
        #expect(omitted + object.keys.filter { $0.hasPrefix("field") }.count == 100)
    }

    @Test func aMessageThatJustFitsIsNotCut() throws {
        let object = try #require(read(line(String(repeating: "x", count: 58 * 1024)).encoded()))
        #expect((object["@message"] as? String)?.utf8.count == 58 * 1024)
    }

    @Test func theLevelsAreHclogsNames() {
        #expect(HclogLine.Level.allCases.map(\.rawValue) == ["trace", "debug", "info", "warn", "error"])
    }
}

@Suite struct LineBacklogTests {
    private func line(_ byte: Character, _ count: Int) -> [UInt8] {
        Array((String(repeating: byte, count: count - 1) + "\n").utf8)
    }

    private func drain(_ backlog: inout LineBacklog, pieces: Int) -> [String] {
        var bytes: [UInt8] = []
        while !backlog.isEmpty {
            let piece = backlog.next(pieces)
            #expect(piece.count <= pieces)
            bytes += piece
            backlog.wrote(piece.count, now: 0)
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(arguments: [1, 7, 4096]) func whatGoesInComesOutInWhateverPieces(pieces: Int) {
        var backlog = LineBacklog()
        for byte in "abc" { backlog.append(line(byte, 100), now: 0) }
        #expect(drain(&backlog, pieces: pieces) == "abc".map { String(repeating: $0, count: 99) })
    }

    @Test func aLineWithoutRoomIsDroppedWholeAndCountedInALineOfItsOwn() {
        var backlog = LineBacklog(capacity: 2048)
        for _ in 0..<100 { backlog.append(line("x", 200), now: 0) }
        #expect(backlog.byteCount <= 2048)
        let dropped = backlog.dropped
        #expect(dropped > 0)
        let lines = drain(&backlog, pieces: 300)
        #expect(lines.count == 100 - dropped + 1)
        #expect(lines.last?.contains("\(dropped) log lines were dropped") == true)
        #expect(lines.dropLast().allSatisfy { $0 == String(repeating: "x", count: 199) })
    }

    @Test func theGapIsToldWhereItIs() {
        var backlog = LineBacklog(capacity: 2048)
        for _ in 0..<10 { backlog.append(line("x", 200), now: 0) }
        backlog.wrote(1000, now: 0)
        backlog.append(line("y", 100), now: 0)
        let lines = drain(&backlog, pieces: 4096)
        #expect(lines.suffix(2).first?.contains("3 log lines were dropped") == true)
        #expect(lines.last == String(repeating: "y", count: 99))
    }

    @Test func anEssentialLineIsKeptInAFullBacklog() {
        var backlog = LineBacklog(capacity: 1024)
        for _ in 0..<10 { backlog.append(line("x", 200), now: 0) }
        backlog.append(line("z", 200), now: 0, essential: true)
        #expect(drain(&backlog, pieces: 4096).last == String(repeating: "z", count: 199))
    }

    @Test func memoryStaysBoundedUnderAFlood() {
        var backlog = LineBacklog()
        for _ in 0..<20_000 {
            backlog.append(line("x", 1000), now: 0)
            backlog.wrote(10, now: 0)
            #expect(backlog.byteCount <= backlog.capacity)
        }
    }
}
