internal import NIOCore

extension HostServer {
    /// Takes other limits for connections that are accepted from now on, and moves those that are there: GOAWAY, and what is open may
    /// end within `cap`.
    @discardableResult
    package func update(limits: TransportLimits, reason: String, cap: Duration) async -> DrainReport {
        let drained = self.eventLoop.flatSubmit { [core] in
            core.value.limits = limits
            return core.value.drain(reason: reason, cap: TimeAmount(cap)) { _ in true }
        }
        return (try? await drained.get()) ?? DrainReport()
    }
}
