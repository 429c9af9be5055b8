internal import NIOCore

/// Waits until each of some connections has ended.
final class ConnectionDrain {
    private(set) var left: Set<ObjectIdentifier>
    var report = DrainReport()
    /// Fires when they have had their time.
    var timer: Scheduled<Void>?
    private let promise: EventLoopPromise<DrainReport>

    init(_ connections: Set<ObjectIdentifier>, on eventLoop: any EventLoop) {
        self.left = connections
        self.report.connections = connections.count
        self.promise = eventLoop.makePromise()
        self.finishIfOver()
    }

    var isOver: Bool { self.left.isEmpty }
    var future: EventLoopFuture<DrainReport> { self.promise.futureResult }

    func ended(_ connection: ObjectIdentifier) {
        guard self.left.remove(connection) != nil else { return }
        self.finishIfOver()
    }

    private func finishIfOver() {
        guard self.isOver else { return }
        self.timer?.cancel()
        self.promise.succeed(self.report)
    }
}
