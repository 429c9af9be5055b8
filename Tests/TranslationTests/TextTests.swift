import Testing

@testable import Translation

@Suite("Numbers, times and base64 as text")
struct TextTests {
    @Test(
        "Doubles print as in a browser",
        arguments: [
            (3, "3"), (0.1, "0.1"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (-0.0, "0"), (0, "0"), (1e-6, "0.000001"),
            (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (123456.789, "123456.789"), (-1.25e25, "-1.25e+25"),
            (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740993, "9007199254740992"), (100, "100"),
            (.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity"), (0.5, "0.5"), (1e16, "10000000000000000"),
        ] as [(Double, String)])
    func doubles(_ value: Double, _ text: String) {
        #expect(ShortestNumber.text(value) == text)
    }

    @Test(
        "Times as text",
        arguments: [
            ("0", .nanoseconds(0)), ("-1", .nanoseconds(-1_000_000)), ("9223372036854", .nanoseconds(9_223_372_036_854_000_000)),
            ("9223372036855", .outOfRange), ("-9223372036855", .outOfRange), ("99999999999999999999999", .outOfRange),
            ("2020-01-02T03:04:05Z", .nanoseconds(1_577_934_245_000_000_000)),
            ("2020-01-02 03:04:05.5+01:00", .nanoseconds(1_577_930_645_500_000_000)),
            ("1969-12-31t23:59:59.999999999z", .nanoseconds(-1)),
            ("2000-02-29T00:00:00-00:30", .nanoseconds(951_784_200_000_000_000)),
            ("1677-09-21T00:12:43.145224192Z", .nanoseconds(.min)), ("1677-09-21T00:12:43.145224191Z", .outOfRange),
            ("2262-04-11T23:47:16.854775807Z", .nanoseconds(.max)), ("2262-04-11T23:47:16.854775808Z", .outOfRange),
            ("0001-01-01T00:00:00Z", .outOfRange), ("9999-12-31T23:59:59Z", .outOfRange), ("", .notATime), ("-", .notATime),
            ("1.5", .notATime), ("+5", .notATime), (" 5", .notATime), ("2021-02-29T00:00:00Z", .notATime),
            ("2020-01-02", .notATime), ("2020-01-02T03:04:05", .notATime), ("2020-01-02T24:00:00Z", .notATime),
            ("2020-01-02T03:04:05.Z", .notATime), ("2020-01-02T03:04:05.1234567891Z", .notATime),
            ("2020-13-01T00:00:00Z", .notATime),
            ("2020-01-02T03:04:05+24:00", .notATime), ("2020-01-02T03:04:05Zx", .notATime), ("2020-00-10T00:00:00Z", .notATime),
        ] as [(String, Timestamp.Reading)])
    func times(_ text: String, _ expected: Timestamp.Reading) {
        #expect(Array(text.utf8).withUnsafeBytes { Timestamp.fromText($0) } == expected)
    }

    @Test(
        "Fractions of a millisecond",
        arguments: [
            (1000.25, .nanoseconds(1_000_250_000)), (-0.5, .nanoseconds(-500_000)), (0.0000001, .nanoseconds(0)),
            (.nan, .outOfRange), (.infinity, .outOfRange), (-.infinity, .outOfRange), (1e300, .outOfRange),
            (9.223372036855e12, .outOfRange),
        ] as [(Double, Timestamp.Reading)])
    func fractions(_ milliseconds: Double, _ expected: Timestamp.Reading) {
        #expect(Timestamp.fromMilliseconds(milliseconds) == expected)
    }

    @Test("Base64", arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func base64(_ text: String, _ expected: String) {
        var encoded: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { Base64.encode($0, to: &encoded) }
        #expect(encoded == Array(expected.utf8))
    }

    @Test("JSON strings come back")
    func jsonStrings() {
        for text in ["", "a\"b\\c/\u{8}\u{c}\n\r\t\u{1}\u{1f}", "é\u{301}\u{1F600}\u{2028}"] {
            #expect(Array(JSONString.decode(JSONString.encode(text)[...]).utf8) == Array(text.utf8))
        }
        #expect(JSONString.decode(Array(#""\ud83d\ude00\ud83dx\u00e9\/""#.utf8)[...]) == "\u{1F600}\u{FFFD}x\u{e9}/")
    }
}
