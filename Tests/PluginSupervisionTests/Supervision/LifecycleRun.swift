import NIOCore
import Testing

@testable import PluginSupervision

/// A lifecycle and its clock, for tests that walk it through events.
struct LifecycleRun {
    static let failure = SupervisionError(.exited, "gone", side: .plugin, remedy: "mend it")

    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private(set) var life: PluginLifecycle

    init(_ change: (inout SupervisionLimits) -> Void = { _ in }) {
        var limits = SupervisionLimits()
        limits.backoff.initial = .seconds(1)
        limits.backoff.maximum = .seconds(10)
        limits.breaker.failures = 1000
        change(&limits)
        life = PluginLifecycle(limits: limits)
    }

    /// A random number of 0.5 is the middle of the jitter: the plain delay.
    @discardableResult
    mutating func send(_ event: PluginLifecycle.Event, after seconds: Int64 = 0) -> [PluginLifecycle.Action] {
        life.handle(event, now: start + .seconds(seconds), random: 0.5)
    }

    /// From nothing to a process that serves.
    mutating func serve(version: Int = 1) {
        send(.startRequested(.attached))
        ready(1, version: version)
    }

    /// A process that was launched shakes hands and answers.
    @discardableResult
    mutating func ready(_ generation: Int, version: Int = 1, after seconds: Int64 = 0) -> [PluginLifecycle.Action] {
        send(.negotiated(generation: generation, pid: Int32(generation), version: version), after: seconds)
        return send(.startSucceeded(generation: generation, pid: Int32(generation), version: version), after: seconds)
    }

    static func failed(_ after: Duration) -> SupervisionError {
        var error = failure
        error.retryAfter = after
        return error
    }
}

extension [PluginLifecycle.Action] {
    /// Without the reports, which have tests of their own.
    var deeds: [PluginLifecycle.Action] {
        filter { if case .report = $0 { false } else { true } }
    }

    var reports: [SupervisionEvent] {
        compactMap { if case .report(let event) = $0 { event } else { nil } }
    }

    var pause: Duration? {
        compactMap { if case .scheduleRetry(let after) = $0 { after } else { nil } }.first
    }
}
