/// What is known about a v1 plugin's process at the time of a health check.
package struct PluginVitals: Sendable {
    /// The plugin's answer to `grpc.health.v1.Health/Check` for the service `plugin`.
    package enum GRPCHealth: String, Sendable, CaseIterable {
        case serving = "SERVING"
        case notServing = "NOT_SERVING"
        /// The plugin has no health service; the open connection is sign of life enough.
        case unimplemented = "UNIMPLEMENTED"
        /// It was not asked, or did not answer in time.
        case unknown = "UNKNOWN"
    }

    /// The outcome of a configured test query.
    package enum Probe: Sendable, Equatable {
        case notConfigured
        case succeeded
        case failed(String)
    }

    package var kind = V1PluginKind.dataSource
    package var running: Bool
    /// Why it does not run.
    package var reason: String?
    package var pid: Int32?
    package var uptimeSeconds: Int64?
    package var grpcHealth: GRPCHealth
    /// The plugin's own version.
    package var version: String?
    package var lastQueryAt: String?
    package var lastError: String?
    package var probe: Probe

    package init(
        running: Bool, reason: String? = nil, pid: Int32? = nil, uptimeSeconds: Int64? = nil, grpcHealth: GRPCHealth = .unknown,
        version: String? = nil, lastQueryAt: String? = nil, lastError: String? = nil, probe: Probe = .notConfigured
    ) {
        self.running = running
        self.reason = reason
        self.pid = pid
        self.uptimeSeconds = uptimeSeconds
        self.grpcHealth = grpcHealth
        self.version = version
        self.lastQueryAt = lastQueryAt
        self.lastError = lastError
        self.probe = probe
    }
}

/// `pluginv2.Diagnostics/CheckHealth` in front of a v1 plugin, which has nothing like it.
///
/// "Save & test" calls it, and an UNIMPLEMENTED would look like a failure to the user; so the gateway answers what it knows.
package enum V2ToV1CheckHealth {
    static let message = "pluginv2.CheckHealthRequest"

    private enum Status: Int64 {
        case ok = 1
        case error = 2
    }

    /// - Parameter request: an encoded `pluginv2.CheckHealthRequest`; nothing in it matters.
    /// - Returns: an encoded `pluginv2.CheckHealthResponse`, whose details are a JSON object.
    /// - Throws: ``TranslationError`` when the request is not that message.
    package static func answer(_ request: [UInt8], vitals: PluginVitals) throws(TranslationError) -> [UInt8] {
        do throws(WireError) {
            try request.readWire { reader throws(WireError) in
                while !reader.isAtEnd { try reader.skip(try reader.tag()) }
            }
        } catch {
            throw .malformedRequest(message, error, size: request.count)
        }
        let (status, message) = verdict(vitals)
        var writer = WireWriter()
        writer.int64(1, status.rawValue)
        writer.string(2, message)
        writer.data(3, details(vitals))
        return writer.bytes
    }

    private static func verdict(_ vitals: PluginVitals) -> (Status, String) {
        guard vitals.running else {
            return (.error, "The legacy plugin process is not running: \(vitals.reason ?? "no reason is known")")
        }
        switch vitals.grpcHealth {
        case .notServing: return (.error, "The legacy plugin is running but reports that it does not serve.")
        case .unknown: return (.error, "The legacy plugin is running but did not answer a health check.")
        case .serving, .unimplemented: break
        }
        switch vitals.probe {
        case .failed(let error): return (.error, error)
        case .succeeded: return (.ok, "Legacy (protocol v1) plugin is running and answered the test query.")
        case .notConfigured:
            let limit = vitals.kind == .dataSource ? " It cannot test the data source itself." : ""
            return (.ok, "Legacy (protocol v1) \(vitals.kind == .dataSource ? "plugin" : "renderer") is running.\(limit)")
        }
    }

    private static func details(_ vitals: PluginVitals) -> [UInt8] {
        var details = JSONObjectBuilder()
        details.add("protocol", integer: 1)
        if let pid = vitals.pid { details.add("pid", integer: pid) }
        if let uptime = vitals.uptimeSeconds { details.add("uptimeSeconds", integer: uptime) }
        if vitals.running { details.add("grpcHealth", string: vitals.grpcHealth.rawValue) }
        if let version = vitals.version { details.add("version", string: version) }
        if let lastQueryAt = vitals.lastQueryAt { details.add("lastQueryAt", string: lastQueryAt) }
        if let lastError = vitals.lastError { details.add("lastError", string: lastError) }
        return details.object
    }
}
