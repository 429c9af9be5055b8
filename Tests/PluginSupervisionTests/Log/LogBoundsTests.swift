import Logging
import NIOCore
import Testing

@testable import PluginSupervision

@Suite("Bounds on plugin logs")
struct LogBoundsTests {
    @Test func `lines come whole however the stream is cut`() {
        let text = Array("one\ntwo\r\n\nthree".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter(limit: 100)
            var lines: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                splitter.feed(text[start..<min(text.count, start + size)]) {
                    lines.append(String(decoding: $0.bytes, as: UTF8.self))
                }
            }
            if let last = splitter.finish() { lines.append(String(decoding: last.bytes, as: UTF8.self)) }
            #expect(lines == ["one", "two", "", "three"])
        }
    }

    @Test func `a line without end is kept up to the limit and counted beyond`() {
        var splitter = LineSplitter(limit: 10)
        var lines: [LineSplitter.Line] = []
        for _ in 0..<1000 { splitter.feed(Array(repeating: UInt8(ascii: "x"), count: 100)) { lines.append($0) } }
        splitter.feed(Array("\nshort\n".utf8)) { lines.append($0) }
        #expect(lines.map(\.cut) == [99_990, 0])
        #expect(lines.map(\.bytes.count) == [10, 5])
    }

    @Test func `the allowance bounds records and bytes, refills, and counts what it kept out`() {
        var limits = LogLimits()
        limits.recordBurst = 3
        limits.recordsPerSecond = 2
        limits.byteBurst = 100
        limits.bytesPerSecond = 10
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        var allowance = LogAllowance(limits, now: start)
        let burst = (0..<5).map { _ in allowance.admit(1, now: start) }
        #expect(burst == [true, true, true, false, false])
        let later = allowance.admit(1, now: start + .seconds(1))
        #expect(later)
        let half = allowance.admit(50, now: start + .seconds(2))
        #expect(half)
        let large = allowance.admit(500, now: start + .seconds(2))
        #expect(!large, "the bucket of bytes is not full yet")
        let largeLater = allowance.admit(500, now: start + .seconds(20))
        #expect(largeLater, "a full bucket admits a line of any size")
        let counts = (allowance.takeDropped(), allowance.takeDropped())
        #expect(counts == (3, 0))
    }

    @Test func `the last words are few, short and on one line each`() {
        let words = LastWords(capacity: 3)
        for index in 0..<10 { words.append("line \(index)") }
        #expect(words.lines == ["line 7", "line 8", "line 9"])
        words.append("a\nb\u{1B}" + String(repeating: "y", count: 10_000))
        #expect(words.lines.last.map { $0.hasPrefix("a ⏎ b\\x1byyy") && $0.utf8.count < 600 } == true)
    }

    @Test func `last words are redacted as a whole, also where they are cut`() {
        let words = LastWords(capacity: 3, redact: { $0.replacing("verysecret", with: "[redacted]") })
        words.append("it was verysecret")
        #expect(words.lines == ["it was [redacted]"])
        // Cut in the middle of the secret, it would not be known.
        words.append(String(repeating: "x", count: 505) + " verysecret")
        #expect(words.lines.last.map { $0.utf8.count < 520 && !$0.contains("very") } == true)
        words.append(String(repeating: "verysecret ", count: 1000))
        #expect(words.lines.last?.contains("very") == false)
    }

    @Test func `an error's description tells what to do and the last words`() {
        var error = SupervisionError(
            .exited, "the plugin ended", cause: "exit code 2", side: .plugin, remedy: "mend it", lastWords: ["a", "panic: b"])
        error.retryAfter = .milliseconds(1550)
        #expect(
            error.description
                == "the plugin ended: exit code 2; its last words: a ⏎ panic: b; the next attempt is in 1.5 s; mend it")
    }
}
