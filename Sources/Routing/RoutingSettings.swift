package import Translation

/// What routing needs to know of one plugin's configuration.
package struct RoutingSettings: Sendable {
    package var pluginID: String
    /// `info.version` of plugin.json.
    package var pluginVersion: String?
    /// What the plugin is if it speaks v1, by the magic cookie that it is started with.
    package var kind: V1PluginKind
    /// Of the gateway itself, for its status.
    package var gatewayVersion: String
    package var translation: TranslationOptions
    /// Whether connections between equal versions may be relayed.
    package var mayRelay: Bool
    /// The model of a query that tells whether the data source of a v1 plugin answers, as JSON.
    package var healthQuery: [UInt8]?
    /// Whether the JSON of the old `/api/tsdb/query` is offered as a resource of a v1 plugin.
    package var answersLegacyQueries: Bool
    /// For a unary call whose host set no deadline.
    package var callTimeout: Duration
    /// Translated calls that are under way at one time.
    package var concurrentCalls: Int
    /// v1 calls at one time that one request is split into.
    package var concurrentSplits: Int

    package init(
        pluginID: String, pluginVersion: String?, kind: V1PluginKind, gatewayVersion: String, translation: TranslationOptions,
        mayRelay: Bool = true, healthQuery: [UInt8]?, answersLegacyQueries: Bool, callTimeout: Duration, concurrentCalls: Int,
        concurrentSplits: Int
    ) {
        self.pluginID = pluginID
        self.pluginVersion = pluginVersion
        self.kind = kind
        self.gatewayVersion = gatewayVersion
        self.translation = translation
        self.mayRelay = mayRelay
        self.healthQuery = healthQuery
        self.answersLegacyQueries = answersLegacyQueries
        self.callTimeout = callTimeout
        self.concurrentCalls = concurrentCalls
        self.concurrentSplits = concurrentSplits
    }
}
