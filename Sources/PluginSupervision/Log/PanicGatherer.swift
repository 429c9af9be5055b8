/// Gathers the lines of a Go panic, fatal error or goroutine dump into one record.
///
/// Such a block has no end mark. It lasts until a line that a logger wrote, until the plugin has been quiet (the shell calls
/// `finish`) or until it is full; what then follows of it is counted.
struct PanicGatherer {
    private let limit: Int
    private var text: [UInt8] = []
    private var cut = 0
    private(set) var isGathering = false

    init(limit: Int) {
        self.limit = limit
    }

    static func opens(_ line: [UInt8]) -> Bool {
        openings.contains { line.starts(with: $0) }
    }

    private static let openings = [
        "panic: ", "fatal error: ", "goroutine ", "runtime: ", "unexpected fault address ", "SIGSEGV: ", "SIGABRT: ", "SIGQUIT: ",
        "http: panic serving ",
    ].map { Array($0.utf8) }

    /// Takes the line when it opens or continues a block.
    mutating func take(_ line: LineSplitter.Line) -> Bool {
        if !isGathering {
            guard Self.opens(line.bytes) else { return false }
            isGathering = true
        } else {
            text.append(0x0A)
        }
        let room = max(0, limit - text.count)
        text += line.bytes.prefix(room)
        cut += line.cut + max(0, line.bytes.count - room)
        return true
    }

    /// The block so far, which ends with this.
    mutating func finish() -> ParsedLine? {
        guard isGathering else { return nil }
        defer {
            text = []
            cut = 0
            isGathering = false
        }
        while text.last == 0x0A || text.last == 0x20 { text.removeLast() }
        var message = LogText.sanitised(text, keepingLines: true)
        if cut > 0 { message += LogText.cutMark(cut) }
        return ParsedLine(level: .error, message: message)
    }
}
