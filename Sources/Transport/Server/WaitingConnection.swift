internal import NIOCore

/// A connection whose mode is not known yet. Nothing is read from it: its host waits for the first bytes of HTTP/2.
final class WaitingConnection: ServedConnection {
    let channel: any Channel
    private let decide: (ConnectionMode) -> Void
    private var task: Task<Void, Never>?
    private var timer: Scheduled<Void>?
    private var isDecided = false

    /// - Parameter decide: called once, unless the connection ends before.
    init(channel: any Channel, decide: @escaping (ConnectionMode) -> Void) {
        self.channel = channel
        self.decide = decide
    }

    func wait(for router: any CallRouter, patience: TimeAmount) {
        let loop = self.channel.eventLoop
        self.timer = loop.assumeIsolated().scheduleTask(in: patience) { self.finish(.terminate) }
        let bound = NIOLoopBound(self, eventLoop: loop)
        self.task = Task {
            let mode = await router.modeWhenKnown()
            loop.execute { bound.value.finish(mode) }
        }
    }

    private func finish(_ mode: ConnectionMode) {
        guard !self.isDecided else { return }
        self.release()
        self.decide(mode)
    }

    /// Also when the host has gone away.
    func release() {
        self.isDecided = true
        self.timer?.cancel()
        self.timer = nil
        self.task?.cancel()
        self.task = nil
    }

    // MARK: ServedConnection

    var mode: ConnectionMode { .undecided }
    var isDraining: Bool { false }
    var isObserved: Bool { true }
    var openCalls: Int { 0 }
    var heldBytes: Int { 0 }
    var unwrittenBytes: Int { 0 }

    /// It is terminated, so that it can be told: a host takes a connection that ends without a word for a failure.
    func drain(reason: String) {
        self.finish(.terminate)
    }

    func cut(_ status: GRPCStatus) -> [OpenCall] {
        self.finish(.terminate)
        return []
    }
}
