internal import GoPlugin
internal import Logging
internal import NIOCore

/// All that one plugin process writes: the handshake line to whoever waits for it, the rest into the log, bounded.
///
/// Bound to the event loop of the attachment. Nothing here ever makes the plugin wait: what is too much is dropped and counted.
final class PluginOutput {
    typealias Sink = @Sendable (PluginLogRecord) -> Void

    /// A panic is over, and dropped lines are reported, after this much quiet.
    private static let tick = TimeAmount.milliseconds(250)
    private static let dropReportInterval = TimeAmount.seconds(1)
    /// Panics that are logged in full though the allowance is used up.
    private static let panicReserve = 8

    /// The plugin's process, once it has been started.
    var pid: Int32 = 0
    let lastWords: LastWords

    private let pluginID: String
    private let loop: any EventLoop
    private let sink: Sink
    private let now: () -> NIODeadline
    private let handshake: EventLoopPromise<HandshakeOutcome>
    private var reader: HandshakeReader? = HandshakeReader()
    private var allowance: LogAllowance
    private var panicsLeft = PluginOutput.panicReserve
    private var stdout, stderr, stdioStdout, stdioStderr: LineSplitter
    private var stderrParser, stdioParser: PluginLogParser
    private var lastLineAt = NIODeadline.uptimeNanoseconds(0)
    private var lastDropReportAt = NIODeadline.uptimeNanoseconds(0)
    private var housekeeping: Scheduled<Void>?

    init(
        pluginID: String, limits: LogLimits, loop: any EventLoop, handshake: EventLoopPromise<HandshakeOutcome>,
        lastWords: LastWords, now: @escaping () -> NIODeadline = { .now() }, sink: @escaping Sink
    ) {
        self.pluginID = pluginID
        self.loop = loop
        self.sink = sink
        self.now = now
        self.handshake = handshake
        self.lastWords = lastWords
        allowance = LogAllowance(limits, now: now())
        let splitter = LineSplitter(limit: limits.lineBytes)
        (stdout, stderr, stdioStdout, stdioStderr) = (splitter, splitter, splitter, splitter)
        stderrParser = PluginLogParser(limits: limits)
        stdioParser = PluginLogParser(limits: limits)
    }

    /// What was printed so far in place of a handshake line.
    var pendingHandshake: [UInt8] { reader?.pending ?? [] }

    // MARK: Input

    func readStdout(_ bytes: some Collection<UInt8>) {
        guard reader != nil else {
            stdout.feed(bytes) { plain($0, .stdout) }
            return
        }
        switch reader?.feed(bytes) {
        case .line(let line, let rest):
            reader = nil
            handshake.succeed(.line(line))
            readStdout(rest)
        case .tooLong:
            reader = nil
            handshake.succeed(.tooLong)
        case nil:
            break
        }
    }

    func closeStdout() {
        if let line = stdout.finish() { plain(line, .stdout) }
        // The exit is seen on another way and says more; whoever waits gives it a moment.
        handshake.succeed(.closed)
    }

    func readStderr(_ bytes: some Collection<UInt8>) {
        stderr.feed(bytes) { parse($0, .stderr, &stderrParser) }
    }

    func closeStderr() {
        if let line = stderr.finish() { parse(line, .stderr, &stderrParser) }
        if let panic = stderrParser.finish() { emit(panic, .stderr) }
        reportDropped()
    }

    /// What came through `plugin.GRPCStdio`.
    func readStdio(_ channel: StdioMessages.Channel, _ bytes: [UInt8]) {
        switch channel {
        case .stderr: stdioStderr.feed(bytes) { parse($0, .stdio, &stdioParser) }
        case .stdout, .invalid: stdioStdout.feed(bytes) { plain($0, .stdio) }
        }
    }

    func closeStdio() {
        if let line = stdioStdout.finish() { plain(line, .stdio) }
        if let line = stdioStderr.finish() { parse(line, .stdio, &stdioParser) }
        if let panic = stdioParser.finish() { emit(panic, .stdio) }
        reportDropped()
    }

    /// A word of the gateway about this plugin's process.
    func note(_ level: Logger.Level, _ message: String) {
        emit(ParsedLine(level: level, message: message), .gateway)
    }

    // MARK: Records

    private func plain(_ line: LineSplitter.Line, _ source: PluginLogRecord.Source) {
        guard !line.bytes.isEmpty else { return }
        guard allowance.admit(line.bytes.count, now: now()) else { return keepHouse() }
        var message = LogText.sanitised(line.bytes, keepingLines: false)
        if line.cut > 0 { message += LogText.cutMark(line.cut) }
        emit(ParsedLine(level: .debug, message: message), source)
    }

    private func parse(_ line: LineSplitter.Line, _ source: PluginLogRecord.Source, _ parser: inout PluginLogParser) {
        lastLineAt = now()
        if !allowance.admit(line.bytes.count, now: lastLineAt) {
            guard isWorthLogging(line, parser) else {
                lastWords.append(String(decoding: line.bytes.prefix(600), as: UTF8.self))
                return keepHouse()
            }
            allowance.admitAnyway()
        }
        for parsed in parser.parse(line) { emit(parsed, source) }
        if parser.isGathering { keepHouse() }
    }

    /// The allowance is used up, yet a panic should come through; it is bounded by itself.
    private func isWorthLogging(_ line: LineSplitter.Line, _ parser: PluginLogParser) -> Bool {
        if parser.isGathering { return line.bytes.first != UInt8(ascii: "{") }
        guard panicsLeft > 0, PanicGatherer.opens(line.bytes) else { return false }
        panicsLeft -= 1
        return true
    }

    private func emit(_ parsed: ParsedLine, _ source: PluginLogRecord.Source) {
        if source == .stderr || source == .stdio && parsed.level >= .error { lastWords.append(parsed.summary) }
        sink(
            PluginLogRecord(
                pluginID: pluginID, pid: pid, source: source, level: parsed.level, module: parsed.module, message: parsed.message,
                timestampMicroseconds: parsed.timestampMicroseconds ?? WallClock.microseconds(),
                fields: parsed.fields.map { ($0.key, $0.value) }))
    }

    // MARK: Housekeeping

    private func keepHouse() {
        guard housekeeping == nil else { return }
        let this = NIOLoopBound(self, eventLoop: loop)
        housekeeping = loop.scheduleTask(in: Self.tick) { this.value.tick() }
    }

    private func tick() {
        housekeeping = nil
        let time = now()
        if time - lastLineAt >= Self.tick {
            if let panic = stderrParser.finish() { emit(panic, .stderr) }
            if let panic = stdioParser.finish() { emit(panic, .stdio) }
        }
        if time - lastDropReportAt >= Self.dropReportInterval { reportDropped() }
        if stderrParser.isGathering || stdioParser.isGathering || allowance.dropped > 0 { keepHouse() }
    }

    private func reportDropped() {
        let count = allowance.takeDropped()
        guard count > 0 else { return }
        lastDropReportAt = now()
        lastWords.countDropped(count)
        sink(
            PluginLogRecord(
                pluginID: pluginID, pid: pid, source: .gateway, level: .warning,
                message: "the plugin writes more than its allowance; lines were dropped from its log",
                timestampMicroseconds: WallClock.microseconds(), fields: [("dropped", String(count))]))
    }
}

extension ParsedLine {
    /// For the last words: the message with its fields.
    var summary: String {
        fields.isEmpty ? message : message + " (" + fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ") + ")"
    }
}
