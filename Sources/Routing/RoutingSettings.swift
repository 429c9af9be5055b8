package import Translation

/// What routing needs to know of one plugin's configuration.
package struct RoutingSettings: Sendable {
    package var pluginID: String
    /// `info.version` of plugin.json.
    package var pluginVersion: String?
    package var translation: TranslationOptions
    /// For a unary call whose host set no deadline.
    package var callTimeout: Duration
    /// v1 calls at one time that one request is split into.
    package var concurrentSplits: Int

    package init(
        pluginID: String, pluginVersion: String?, translation: TranslationOptions, callTimeout: Duration, concurrentSplits: Int
    ) {
        self.pluginID = pluginID
        self.pluginVersion = pluginVersion
        self.translation = translation
        self.callTimeout = callTimeout
        self.concurrentSplits = concurrentSplits
    }
}
