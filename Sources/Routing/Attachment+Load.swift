package import NIOCore
internal import Telemetry
internal import Transport

extension Attachment {
    /// Has the calls in progress and the restarts noted in ``statistics``, on the event loop of the attachment.
    package func takeStock() -> EventLoopFuture<Void> {
        server.openCalls().map { [statistics, supervisor] openCalls in
            statistics.note(openCalls: openCalls, restarts: supervisor.snapshot.restarts)
        }
    }

    /// As ``takeStock()``, when nothing is in progress any more.
    package func takeLastStock() {
        statistics.note(openCalls: 0, restarts: supervisor.snapshot.restarts)
    }
}
