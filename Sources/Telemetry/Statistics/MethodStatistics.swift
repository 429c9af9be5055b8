/// The counters of one method on one version path, since the plugin was attached.
package struct MethodStatistics: Sendable {
    /// Distinct losses that are told apart; further ones count as ``otherLoss``.
    package static let maximumLosses = 128
    package static let otherLoss = LossKey(path: "(other)", cause: "(other)")

    /// Without the slash in front.
    package let method: String
    package let versionPath: String
    package private(set) var calls: UInt64 = 0
    /// Calls by gRPC code, 0…16.
    package private(set) var callsByCode = [UInt64](repeating: 0, count: GRPCCodeName.all.count)
    package private(set) var latency = LatencyHistogram()
    package private(set) var bytesIn: UInt64 = 0
    package private(set) var bytesOut: UInt64 = 0
    package private(set) var points: UInt64 = 0
    package private(set) var frames: UInt64 = 0
    /// What translating took, waiting for others left out.
    package private(set) var translation: Duration = .zero
    package private(set) var losses: [LossKey: UInt64] = [:]

    init(method: String, versionPath: String) {
        self.method = method
        self.versionPath = versionPath
    }

    /// Calls that ended with another code than OK.
    package var errors: UInt64 { calls - callsByCode[0] }

    /// The losses, the most frequent first.
    package var lossesByCount: [(key: LossKey, count: UInt64)] {
        losses.map { (key: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.key.path, $0.key.cause) < ($0.count, $1.key.path, $1.key.cause) }
    }

    /// Adds a call without what its translation found.
    mutating func add(_ call: CallRecord) {
        calls += 1
        callsByCode[callsByCode.indices.contains(call.code) ? call.code : GRPCCodeName.unknown] += 1
        latency.record(call.duration)
        bytesIn &+= UInt64(clamping: call.bytesIn)
        bytesOut &+= UInt64(clamping: call.bytesOut)
    }

    /// Adds what a translation found and returns the losses that were never seen before.
    mutating func add(
        points: Int, frames: Int, time: Duration, losses new: [(path: String, cause: String, count: Int)]
    ) -> [LossKey] {
        translation += time
        self.points &+= UInt64(clamping: points)
        self.frames &+= UInt64(clamping: frames)
        var firstSeen: [LossKey] = []
        for loss in new where loss.count > 0 {
            var key = LossKey(path: loss.path, cause: loss.cause)
            if losses[key] == nil {
                if losses.count >= Self.maximumLosses { key = Self.otherLoss }
                if losses[key] == nil { firstSeen.append(key) }
            }
            losses[key, default: 0] &+= UInt64(loss.count)
        }
        return firstSeen
    }
}
