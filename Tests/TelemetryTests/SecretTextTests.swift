internal import Testing

@testable internal import Telemetry

@Suite struct SecretTextTests {
    private let text = SecretText(
        environment: [
            ("GF_PLUGIN_API_KEY", "abc-123-def"), ("AWS_SECRET_ACCESS_KEY", "kK/9+x=="), ("HOME", "/var/lib/grafana"),
            ("DB_PASSWORD", "a"), ("TOKEN", "abc-123-def-longer"),
        ])

    @Test(arguments: [
        ("cannot log in with abc-123-def", "cannot log in with [redacted]"),
        ("abc-123-def-longer", "[redacted]"),
        ("key kK/9+x== is refused", "key [redacted] is refused"),
        ("a home at /var/lib/grafana", "a home at /var/lib/grafana"),
        ("password=hunter2", "password=[redacted]"),
        ("password = hunter2, user=me", "password = [redacted], user=me"),
        (#"{"apiKey":"x y z","n":1}"#, #"{"apiKey":"[redacted]","n":1}"#),
        (#"{"token": "a\"b", "n": 1}"#, #"{"token": "[redacted]", "n": 1}"#),
        ("Authorization: Bearer abc.def", "Authorization: [redacted] [redacted]"),
        ("got Bearer abcdef from the host", "got Bearer [redacted] from the host"),
        ("Cookie: grafana_session=1234", "Cookie: [redacted]"),
        ("map[password:hunter2 user:me]", "map[password:[redacted] user:me]"),
        ("dial postgres://joe:pass@db:5432/x", "dial postgres://[redacted]@db:5432/x"),
        ("see https://example.org/a@b", "see https://example.org/a@b"),
        ("token eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJ end", "token [redacted] end"),
        ("the token is missing", "the token is missing"),
        ("panic: größer als 3", "panic: größer als 3"),
        ("", ""), ("password", "password"), ("password=", "password="), ("Bearer", "Bearer"), ("://", "://"),
        (#"secret="unterminated"#, #"secret="[redacted]"#),
    ])
    func whatIsSecretIsWithheld(given: String, expected: String) {
        #expect(text.withheld(given) == expected)
    }

    @Test func anythingAtAllIsSurvived() {
        let pieces = [
            "password", "=", ":", "\"", "'", "\\", "[", "]", "Bearer", " ", "://", "@", "ey", "eyJ", ".", "é", "\u{0}",
            "abc-123-def",
        ]
        var state: UInt64 = 11
        for _ in 0..<20_000 {
            var given = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                given += pieces[Int((state >> 33) % UInt64(pieces.count))]
            }
            #expect(!text.withheld(given).contains("abc-123-def"))
        }
    }
}
