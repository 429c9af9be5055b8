import Logging
import Testing

@testable import PluginSupervision

@Suite("Dialects of plugin logs")
struct LogDialectTests {
    private func parse(_ text: String) -> [ParsedLine] {
        var parser = PluginLogParser(limits: LogLimits())
        var splitter = LineSplitter(limit: LogLimits().lineBytes)
        var lines: [ParsedLine] = []
        splitter.feed(Array((text + "\n").utf8)) { lines += parser.parse($0) }
        if let last = parser.finish() { lines.append(last) }
        return lines
    }

    @Test func `hclog JSON`() {
        let line =
            #"{"@level":"warn","@message":"no \"data\"\u00e9","@module":"ds.query","@timestamp":"2024-02-29T12:34:56.123456+01:00","b":1.50,"a":{"x" : [1, "two"] },"n":null,"t":true}"#
        #expect(
            parse(line) == [
                ParsedLine(
                    level: .warning, module: "ds.query", message: "no \"data\"é", timestampMicroseconds: 1_709_206_496_123_456,
                    fields: [
                        LogField(key: "b", value: "1.50"), LogField(key: "a", value: #"{"x":[1,"two"]}"#),
                        LogField(key: "n", value: "null"), LogField(key: "t", value: "true"),
                    ])
            ])
    }

    @Test func `hclog JSON whose members are not strings, which panic go-plugin's own reader`() {
        let parsed = parse(#"{"@level":3,"@message":{"a":1},"@timestamp":12}"#)
        #expect(parsed == [ParsedLine(level: .info, message: #"{"a":1}"#)])
    }

    @Test func `JSON of other loggers`() {
        #expect(
            parse(#"{"level":"ERROR","msg":"down","time":"2024-01-01T00:00:00Z","k":"v"}"#) == [
                ParsedLine(
                    level: .error, message: "down", timestampMicroseconds: 1_704_067_200_000_000,
                    fields: [LogField(key: "k", value: "v")])
            ])
        #expect(parse(#"{"answer":42}"#) == [ParsedLine(level: .info, message: #"{"answer":42}"#)])
    }

    @Test(arguments: [
        #"{"@message":"x""#, #"{"@message":"x"} trailing"#, #"{"@message":"\q"}"#, "{", #"{"@message":nonsense}"#, #"{"a":\"#,
    ])
    func `broken JSON is text`(line: String) {
        #expect(parse(line) == [ParsedLine(level: .info, message: line)])
    }

    @Test func `deep nesting is text and no danger`() {
        let line = #"{"@message":"# + String(repeating: "[", count: 10_000)
        #expect(parse(line).first?.message == line)
    }

    @Test func `hclog text with a time, module and fields`() {
        #expect(
            parse(#"2024-02-29T11:34:56.123Z [WARN]  ds.query: slow query: took=3s query="a \"b\" c""#) == [
                ParsedLine(
                    level: .warning, module: "ds.query", message: "slow query", timestampMicroseconds: 1_709_206_496_123_000,
                    fields: [LogField(key: "took", value: "3s"), LogField(key: "query", value: #"a "b" c"#)])
            ])
    }

    @Test func `hclog text without a time`() {
        #expect(parse("[ERROR] plugin: it broke") == [ParsedLine(level: .error, module: "plugin", message: "it broke")])
        #expect(
            parse("[INFO]  just words, no: module here") == [ParsedLine(level: .info, message: "just words, no: module here")])
    }

    @Test func `text of go-plugin before hclog`() {
        #expect(
            parse("2018/05/06 07:08:09 [ERR] plugin: plugin server: accept failed")
                == [ParsedLine(level: .error, module: "plugin", message: "plugin server: accept failed")])
    }

    @Test func `text of grpc-go, glog, logfmt and Go's log package`() {
        #expect(
            parse("WARNING: 2024/05/06 07:08:09 grpc: addrConn.createTransport failed")
                == [ParsedLine(level: .warning, message: "grpc: addrConn.createTransport failed")])
        #expect(
            parse("E0506 07:08:09.123456789   12345 server_chttp2.cc:40] no address added")
                == [
                    ParsedLine(
                        level: .error, message: "no address added",
                        fields: [LogField(key: "caller", value: "server_chttp2.cc:40")])
                ])
        #expect(
            parse(#"t=2024-01-01T00:00:00+0000 lvl=eror msg="query failed" logger=ds n=1"#) == [
                ParsedLine(
                    level: .error, module: "ds", message: "query failed", timestampMicroseconds: 1_704_067_200_000_000,
                    fields: [LogField(key: "n", value: "1")])
            ])
        #expect(parse("2024/05/06 07:08:09.123456 http: closing") == [ParsedLine(level: .info, message: "http: closing")])
        #expect(parse("plain words") == [ParsedLine(level: .info, message: "plain words")])
    }

    @Test func `a panic is one record`() {
        let panic =
            "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d"
        let lines = parse("before\n" + panic + "\nexit status 2")
        #expect(lines.count == 2)
        #expect(lines.last == ParsedLine(level: .error, message: panic + "\nexit status 2"))
    }

    @Test func `a panic ends where a logger writes again`() {
        let lines = parse(
            "panic: oh\n\ngoroutine 7 [running]:\n" + #"{"@level":"info","@message":"still here"}"# + "\n[WARN]  x: y")
        #expect(lines.map(\.message) == ["panic: oh\n\ngoroutine 7 [running]:", "still here", "y"])
    }

    @Test func `a panic without end is cut`() {
        let lines = parse("fatal error: all goroutines are asleep\n" + String(repeating: "\tat nowhere +0x1\n", count: 10_000))
        #expect(lines.count == 1)
        #expect(lines.first.map { $0.message.utf8.count < 70_000 && $0.message.hasSuffix("bytes cut]") } == true)
    }

    @Test func `control characters and broken UTF-8 never reach the log`() {
        var parser = PluginLogParser(limits: LogLimits())
        let bytes = Array("a\u{1B}[31mred\u{7F}\u{85}é\t".utf8) + [0xFF, 0x00]
        let parsed = parser.parse(.init(bytes: bytes))
        #expect(parsed.map(\.message) == ["a\\x1b[31mred\\x7f\\x85é\t\u{FFFD}\\x00"])
        #expect(parse(#"{"@message":"a\u001bb\nc\ud800"}"#).map(\.message) == ["a\\x1bb\nc\u{FFFD}"])
    }

    @Test func `empty lines are no records`() {
        #expect(parse("\n   \n\t\n").isEmpty)
    }

    @Test func `a cut line of hclog JSON keeps what came before the cut`() {
        var splitter = LineSplitter(limit: 64)
        var parser = PluginLogParser(limits: LogLimits())
        var lines: [ParsedLine] = []
        let line = #"{"@level":"error","@message":"big","a":"1","payload":""# + String(repeating: "x", count: 1000) + "\"}\n"
        splitter.feed(Array(line.utf8)) { lines += parser.parse($0) }
        #expect(lines.first?.level == .error)
        #expect(lines.first?.message.hasPrefix("big …[") == true)
        #expect(lines.first?.fields == [LogField(key: "a", value: "1")])
    }

    @Test func `a line of nothing but colons and pairs costs no quadratic time`() {
        let line = "[INFO]  " + String(repeating: "a: k=v ", count: 9_000) + "end"
        #expect(parse(line).count == 1)
    }

    @Test(arguments: [
        "2024-13-01T00:00:00Z", "2024-01-01T00:00:00", "2024-01-01", "", "24-01-01T00:00:00Z", "2024-01-01T00:00:00.Z",
    ])
    func `a time that is none is ignored`(text: String) {
        #expect(LogTimestamp.microseconds(text) == nil)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("2000-02-29T00:00:00.000001Z", 951_782_400_000_001),
        ("1969-12-31 23:59:59+0000", -1_000_000), ("2024-01-01T00:00:00.1234567-00:30", 1_704_069_000_123_456),
    ])
    func `times are read in UTC`(text: String, expected: Int64) {
        #expect(LogTimestamp.microseconds(text) == expected)
    }
}
