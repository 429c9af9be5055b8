internal import ControlProtocol
internal import NIOCore
internal import Synchronization

/// The way back to one locator. Messages that matter are always queued; log lines are dropped, and counted, while it does not read.
final class LocatorLink: Sendable {
    private let channel: any Channel
    private let droppedLines = Atomic<Int>(0)

    init(channel: any Channel) {
        self.channel = channel
    }

    func send(_ message: ControlMessage) {
        guard let bytes = try? message.encoded() else { return }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Sends a last message and hangs up after it.
    func sendLast(_ message: ControlMessage) {
        let channel = channel
        guard let bytes = try? message.encoded() else { return channel.close(promise: nil) }
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in channel.close(promise: nil) }
    }

    func sendLog(_ record: LogRecord) {
        guard channel.isWritable else {
            droppedLines.add(1, ordering: .relaxed)
            return
        }
        let dropped = droppedLines.exchange(0, ordering: .relaxed)
        if dropped > 0 {
            send(
                .log(
                    LogRecord(
                        level: .warn,
                        message:
                            "plugin-gateway: \(dropped) log lines were not forwarded: the host reads too slowly; the journal has them",
                        timestampMicroseconds: record.timestampMicroseconds)))
        }
        send(.log(record))
    }

    func close() {
        channel.close(promise: nil)
    }
}
