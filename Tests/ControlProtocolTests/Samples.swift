import ControlProtocol

/// One of every kind of message.
enum Samples {
    static let request = AttachRequest(
        directory: "/var/lib/grafana/plugins/legacy", executableName: "gpx_legacy",
        environment: [("GF_SECRET", "canary-1"), ("EMPTY", "")],
        arguments: ["--token", "canary-2"], workingDirectory: "/canary-3", magicCookieValue: "datasource",
        hostSocket: "/run/p/1.sock",
        logsWanted: true, hostSocketDirectory: "/shared", hostSocketGroup: "grafana")

    static let all: [ControlMessage] = [
        .attach(request), .detach, .status, .restart(pluginID: "legacy"),
        .attached(Attached(hostSocket: "/run/p/1.sock", attachmentID: "7", pluginID: "legacy")),
        .refused(Refusal(code: .pluginUnknown, message: "outside", remedy: "add a root")),
        .log(
            LogRecord(
                level: .warn, message: "slow\n", timestampMicroseconds: 1_715_000_000_000_042, module: "plugin",
                fields: [("q", "A")])),
        .ended(EndReason(code: .shutdown, message: "the host asked")), .statusReport(Array("{}".utf8)),
        .restarted(Restarted(pluginID: "legacy", attachments: 2)), .reload,
        .reloadReport(Array("{}".utf8)),
    ]

    /// The message as it arrives after its way over the wire.
    static func carried(_ message: ControlMessage, reader: ControlSide = .gateway) throws -> ControlMessage {
        try ControlMessage(frame(message), reader: reader)
    }

    static func frame(_ message: ControlMessage) throws -> ControlFrame {
        var decoder = FrameDecoder()
        decoder.append(try message.encoded())
        guard let frame = try decoder.next() else { throw Incomplete() }
        return frame
    }

    struct Incomplete: Error {}
}
