internal import Testing

@testable internal import Telemetry

@Suite struct RedactionTests {
    @Test(arguments: [
        ("password=canary1 next", "password=[redacted] next"),
        ("db_password: canary1, user: u", "db_password: [redacted], user: u"),
        (#"{"token":"canary1","user":"u"}"#, #"{"token":"[redacted]","user":"u"}"#),
        (#"{"apiKey": "can\"ary1", "b": 2}"#, #"{"apiKey": "[redacted]", "b": 2}"#),
        (#"body="{\"password\":\"canary1\",\"u\":1}""#, #"body="{\"password\":\"[redacted]\",\"u\":1}""#),
        ("map[Authorization:[Bearer canary1] Host:[h]]", "map[Authorization:[redacted] Host:[h]]"),
        ("Authorization: Digest username=canary1, response=canary2\nnext", "Authorization: [redacted]\nnext"),
        ("Cookie: a=canary1; b=canary2", "Cookie: [redacted]"),
        ("sent Bearer canary1.abc-def to h", "sent Bearer [redacted] to h"),
        ("secret=Bearer canary1 x", "secret=[redacted] x"),
        ("http.Header{\"X-Api-Key\"=>[\"canary1\"], 1}", "http.Header{\"X-Api-Key\"=>[redacted], 1}"),
        ("postgres://user:canary1@host/db?x=a@b", "postgres://[redacted]@host/db?x=a@b"),
        (#"secureJsonData:{"a":{"b":"canary1"}} rest"#, "secureJsonData:[redacted] rest"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\ncanary1\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----"
        ),
        ("token='canary1", "token='[redacted]"),
        ("password = canary1, user=me", "password = [redacted], user=me"),
        (#""token" : "canary1", "n" : 1"#, #""token" : "[redacted]", "n" : 1"#),
        (#"password := "canary1" x"#, #"password := "[redacted]" x"#),
        ("map[password:canary1 user:me]", "map[password:[redacted] user:me]"),
        ("got Bearer  canarycanarycanarycanary end", "got Bearer  [redacted] end"),
        ("sent eyJhbGciOiJIUzI1.canary1MjM0.SflKxwRJ end", "sent [redacted] end"),
    ])
    func whatLooksLikeASecretIsMaskedAndTheRestStays(text: String, masked: String) {
        #expect(Redaction.line(text) == masked)
        #expect(!Redaction.line(text).contains("canary"))
    }

    @Test(arguments: [
        "", ":", "=", "token", "token=", "a:b", "basic authentication failed", "the bearer of bad news", "environment=prod",
        "https://host/path?x=y@z", "the token is missing", "password", "Bearer", "://", "eyJust a word",
        "keyJhbGciOiJIUzI1.eyJzdWI.x",
        "12:34:56 level=info msg=\"started\"", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----", "ünïcode: 🙂 = ключ",
    ])
    func whatIsNoSecretStaysAsItIs(text: String) {
        #expect(Redaction.line(text) == text)
    }

    /// Cut anywhere, a text is still text, and nothing is read beyond its end.
    @Test func anyPieceOfATextIsTaken() {
        let bytes = Array(
            "€ {\"password\":[\"a\\\"\",{\"b\":1}], Cookie: x\n-----BEGIN EC PRIVATE KEY-----\\n1 scheme://u:p@h Bearer abc12345 token='"
                .utf8)
        for start in 0..<bytes.count {
            for end in start..<bytes.count { _ = Redaction.line(String(decoding: bytes[start..<end], as: UTF8.self)) }
        }
    }

    @Test func valuesOfTellingVariablesAreMaskedWhereverTheyStand() {
        let secrets = SecretValues(environment: [
            ("GF_DATABASE_PASSWORD", "hunter2hunter2"), ("AWS_SECRET_ACCESS_KEY", "hunter2"), ("PATH", "/usr/bin"),
            ("API_TOKEN", "abc"),
            ("EMPTY_TOKEN", ""),
        ])
        #expect(secrets.masked("hunter2hunter2 and hunter2, in /usr/bin abc") == "[redacted] and [redacted], in /usr/bin abc")
        #expect(secrets.masked("hunter") == "hunter")
        #expect(secrets.masked("password=x9") == "password=[redacted]")
        // Longer or shorter texts around it change nothing.
        for before in ["", "password=", "\"", "ey", "://", "[", "\\"] {
            #expect(!secrets.masked(before + "hunter2hunter2" + before).contains("hunter2"))
        }
        #expect("\(secrets)" == "SecretValues(2 withheld)")
        #expect(String(reflecting: secrets).contains("hunter") == false)
    }
}
