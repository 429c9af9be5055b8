/// What `__gateway/status` tells about a v1 plugin: versions, path, state and counters. Nothing in it can be secret: no environment, no
/// settings, no words of the plugin.
package struct GatewayStatus: Sendable {
    /// The counters of one method.
    package struct Method: Sendable {
        package var name: String
        package var versionPath: String
        package var calls: UInt64
        package var errors: UInt64
        package var bytesIn: UInt64
        package var bytesOut: UInt64
        package var points: UInt64
        package var frames: UInt64
        package var losses: [(path: String, cause: String, count: UInt64)]

        package init(
            name: String, versionPath: String, calls: UInt64, errors: UInt64, bytesIn: UInt64, bytesOut: UInt64, points: UInt64,
            frames: UInt64, losses: [(path: String, cause: String, count: UInt64)]
        ) {
            self.name = name
            self.versionPath = versionPath
            self.calls = calls
            self.errors = errors
            self.bytesIn = bytesIn
            self.bytesOut = bytesOut
            self.points = points
            self.frames = frames
            self.losses = losses
        }
    }

    package var gatewayVersion: String
    package var pluginID: String
    package var pluginVersion: String?
    /// Of the supervision: running, backing-off, …
    package var state: String
    /// A code, for example `crashed`; nil while nothing is wrong.
    package var lastError: String?
    package var uptimeSeconds: Int64?
    package var restarts: Int
    package var path: TranslationPath
    package var methods: [Method]

    package init(
        gatewayVersion: String, pluginID: String, pluginVersion: String?, state: String, lastError: String?,
        uptimeSeconds: Int64?,
        restarts: Int, path: TranslationPath, methods: [Method]
    ) {
        self.gatewayVersion = gatewayVersion
        self.pluginID = pluginID
        self.pluginVersion = pluginVersion
        self.state = state
        self.lastError = lastError
        self.uptimeSeconds = uptimeSeconds
        self.restarts = restarts
        self.path = path
        self.methods = methods
    }

    package var reply: ResourceReply { ResourceReply(code: 200, body: json) }

    private var json: [UInt8] {
        var gateway = JSONObjectBuilder()
        gateway.add("version", string: gatewayVersion)
        var plugin = JSONObjectBuilder()
        plugin.add("id", string: pluginID)
        if let pluginVersion { plugin.add("version", string: pluginVersion) }
        plugin.add("protocol", integer: path.plugin)
        plugin.add("state", string: state)
        if let lastError { plugin.add("lastError", string: lastError) }
        if let uptimeSeconds { plugin.add("uptimeSeconds", integer: uptimeSeconds) }
        plugin.add("restarts", integer: restarts)
        var way = JSONObjectBuilder()
        way.add("host", integer: path.host)
        way.add("plugin", integer: path.plugin)
        way.add("mode", string: path.mode.rawValue)
        way.add("reason", string: path.reason)
        var document = JSONObjectBuilder()
        document.add("gateway", raw: gateway.object)
        document.add("plugin", raw: plugin.object)
        document.add("path", raw: way.object)
        document.add("methods", raw: Self.array(methods.map(Self.json)))
        return document.object
    }

    private static func json(_ method: Method) -> [UInt8] {
        var object = JSONObjectBuilder()
        object.add("method", string: method.name)
        object.add("versionPath", string: method.versionPath)
        object.add("calls", integer: method.calls)
        object.add("errors", integer: method.errors)
        object.add("bytesIn", integer: method.bytesIn)
        object.add("bytesOut", integer: method.bytesOut)
        object.add("points", integer: method.points)
        object.add("frames", integer: method.frames)
        let losses = method.losses.map { loss in
            var object = JSONObjectBuilder()
            object.add("path", string: loss.path)
            object.add("cause", string: loss.cause)
            object.add("count", integer: loss.count)
            return object.object
        }
        object.add("losses", raw: array(losses))
        return object.object
    }

    private static func array(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + elements.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
