internal import ControlProtocol
internal import Glibc
internal import GoPlugin

/// Standard error, which the host reads as its plugin's log. Nothing here ever waits for the host.
///
/// The descriptor stays in blocking mode, since O_NONBLOCK would hold for everybody who shares it (a terminal): after POLLOUT a pipe
/// takes PIPE_BUF bytes without blocking.
final class ErrorOutput {
    private static let pieceBytes = 4096  // PIPE_BUF

    private var backlog = LineBacklog()

    /// Whether something waits to be written.
    var isWaiting: Bool { !backlog.isEmpty }

    /// A line of the locator's own. `essential` ones are kept even when the backlog is full.
    func log(_ level: HclogLine.Level, _ message: String, _ fields: [(String, String)] = [], essential: Bool = false) {
        let now = Moment.microsecondsSinceEpoch
        let line = HclogLine(level: level, message: message, timestampMicroseconds: now, module: "plugin-locator", fields: fields)
        backlog.append(line.encoded(), now: now, essential: essential)
    }

    /// A line of the plugin's. Encoded anew: a host panics on a line of the wrong form.
    func forward(_ record: LogRecord) {
        let line = HclogLine(
            level: HclogLine.Level(rawValue: record.level.rawValue) ?? .info, message: record.message,
            timestampMicroseconds: record.timestampMicroseconds, module: record.module.isEmpty ? nil : record.module,
            fields: record.fields)
        backlog.append(line.encoded(), now: Moment.microsecondsSinceEpoch)
    }

    /// Writes one piece. To be called when poll says that standard error takes it.
    func writePiece() {
        let written = backlog.next(Self.pieceBytes).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        if written > 0 {
            backlog.wrote(written, now: Moment.microsecondsSinceEpoch)
        } else if errno != EINTR && errno != EAGAIN {
            discard()
        }
    }

    /// Nobody reads standard error any more.
    func discard() {
        backlog.discard()
    }
}
