package import Transport

extension Attachment {
    /// How deep a change of the configuration goes.
    package enum Renewal: Sendable, Equatable {
        /// New calls see it.
        case calls
        /// The host is moved to a new connection, too.
        case connections
        /// The plugin is started anew.
        case process
    }

    /// Takes what a new configuration says, without a failed call: those that are open end first, within `cap`.
    ///
    /// - Parameter applied: called as soon as new calls see the change, before what is open has ended.
    /// - Returns: what had to be cut off.
    package func renew(
        _ specification: Specification, _ renewal: Renewal, cap: Duration, applied: @Sendable () -> Void
    ) async -> DrainReport {
        let reason = "the gateway's configuration changed"
        switch renewal {
        case .calls:
            apply(specification)
            applied()
            return await server.reconsider(reason: reason, cap: cap)
        case .connections:
            apply(specification)
            applied()
            return await server.update(limits: specification.limits, reason: reason, cap: cap)
        case .process:
            // A start in progress would go on with what it began with.
            if supervisor.isStarting {
                _ = try? await supervisor.running()
            }
            // New connections wait in the backlog of the kernel until the calls of the old process have ended.
            let report = await server.suspend(cap: cap)
            guard !Task.isCancelled else { return report }
            apply(specification)
            await server.update(limits: specification.limits, reason: reason, cap: .zero)
            supervisor.restart()
            if isServing.withLock({ $0 }) { server.startAccepting() }
            applied()
            return report
        }
    }

    private func apply(_ specification: Specification) {
        router.update(specification.settings)
        supervisor.update(specification.launch)
    }
}
