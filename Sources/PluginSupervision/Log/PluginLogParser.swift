/// Turns the lines of one stream of a plugin into records. The dialects are told apart line by line, since they come mixed.
struct PluginLogParser {
    private var panics: PanicGatherer

    init(limits: LogLimits) {
        panics = PanicGatherer(limit: limits.lineBytes)
    }

    /// Whether a panic is being gathered, so that `finish` is due when the plugin falls quiet.
    var isGathering: Bool { panics.isGathering }

    /// The records that a line completes: the panic before it, and its own. Empty lines are none.
    mutating func parse(_ line: LineSplitter.Line) -> [ParsedLine] {
        if let json = HclogJSON.parse(line) { return ending(marked(json, line)) }
        let text = LogText.sanitised(line.bytes, keepingLines: false)
        if let hclog = HclogText.parse(text) { return ending(marked(hclog, line)) }
        if panics.take(line) { return [] }
        guard text.utf8.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return [] }
        return [marked(PlainText.parse(text), line)]
    }

    /// The panic that was being gathered.
    mutating func finish() -> ParsedLine? {
        panics.finish()
    }

    private mutating func ending(_ parsed: ParsedLine) -> [ParsedLine] {
        if let panic = panics.finish() { return [panic, parsed] }
        return [parsed]
    }

    private func marked(_ parsed: ParsedLine, _ line: LineSplitter.Line) -> ParsedLine {
        guard line.cut > 0 else { return parsed }
        var parsed = parsed
        parsed.message += LogText.cutMark(line.cut)
        return parsed
    }
}
