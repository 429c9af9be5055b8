/// What one finished call adds to the statistics.
package struct CallRecord: Sendable {
    /// The method as the host called it: `/pluginv2.Data/QueryData`, with or without the slash.
    package var method: String
    /// Host and plugin version: `2-1`; `2-2` when relayed.
    package var versionPath: String
    /// The gRPC status code the host was given.
    package var code: Int
    package var duration: Duration
    /// Message bytes from the host.
    package var bytesIn: Int
    /// Message bytes to the host.
    package var bytesOut: Int
    /// Data points in the answer.
    package var points: Int
    /// Data frames in the answer.
    package var frames: Int
    package var losses: [(path: String, cause: String, count: Int)]

    package init(
        method: String, versionPath: String, code: Int, duration: Duration, bytesIn: Int = 0, bytesOut: Int = 0, points: Int = 0,
        frames: Int = 0, losses: [(path: String, cause: String, count: Int)] = []
    ) {
        self.method = method
        self.versionPath = versionPath
        self.code = code
        self.duration = duration
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.points = points
        self.frames = frames
        self.losses = losses
    }
}

/// Where something was lost, and why.
package struct LossKey: Hashable, Sendable {
    package var path: String
    package var cause: String
}
