internal import Translation

/// One key below `plugins.<id>`.
struct PluginKey: Sendable {
    let name: String
    let purpose: String
    /// What a changed value comes to in a running gateway.
    var effect = ReloadEffect.newAttachments
    let apply: @Sendable (ConfigurationValue, inout PluginConfiguration) throws(ConfigurationValue.Mismatch) -> Void

    static let all: [PluginKey] = [
        PluginKey(
            name: "executable", purpose: "The file to run, in the plugin's directory; without it <name>.wrapped.",
            effect: .pluginRestart
        ) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in
            let name = try value.string()
            guard !name.contains("/"), name != ".", name != ".." else {
                throw ConfigurationValue.Mismatch("a file name without a directory")
            }
            plugin.executable = name
        },
        PluginKey(
            name: "idle_timeout", purpose: "A plugin without calls for so long is stopped until the next one.", effect: .nextStart
        ) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in
            if case .scalar("off") = value {
                plugin.idleTimeout = nil
            } else {
                plugin.idleTimeout = try value.duration(in: .milliseconds(100)...Duration.seconds(86400 * 7))
            }
        },
        option("time_range_policy", "How queries with different ranges become v1 requests.", \.timeRangePolicy),
        option("model", "Whether a query's model gets the members that old hosts wrote.", \.model),
        PluginKey(name: "allow_missing_settings", purpose: "Send requests without data source settings too.", effect: .newCalls) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in plugin.translation.allowMissingSettings = try value.boolean()
        },
        PluginKey(name: "expose_in_json_data", purpose: "Facts for the reserved member __gateway of jsonData.", effect: .newCalls)
        {
            (value, plugin) throws(ConfigurationValue.Mismatch) in
            var settings: [TranslationOptions.ExposedSetting] = []
            for item in try value.list() { settings.append(try ConfigurationValue.scalar(item).choice(choices())) }
            plugin.translation.exposeInJSONData = settings
        },
        PluginKey(name: "forward_metadata", purpose: "Names of gRPC metadata to send with v1 calls.", effect: .newCalls) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in plugin.translation.forwardMetadata = try value.list()
        },
        option("nan", "What becomes of NaN in a series.", \.nan),
        option("sort_points", "Whether points are put into the order of time.", \.sortPoints),
        option("series_label", "When a label with the series' name is added.", \.seriesLabel),
        option("bytes", "How bytes in tables become text.", \.bytes),
        PluginKey(name: "time_columns", purpose: "Names of table columns that hold times.", effect: .newCalls) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in plugin.translation.timeColumns = try value.list()
        },
        option("duplicates", "What becomes of two results with one refId.", \.duplicates),
        PluginKey(name: "meta_limit", purpose: "A larger metaJson goes to the first frame only.", effect: .newCalls) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in
            plugin.translation.metaLimit = try value.bytes(in: 0...(64 << 20))
        },
        PluginKey(
            name: "arrow_on_json_request", purpose: "Answer in Arrow even if the host asks for JSON frames.", effect: .newCalls
        ) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in plugin.translation.arrowOnJSONRequest = try value.boolean()
        },
        option(
            "convert_frames", "Whether JSON frames are made of the Arrow frames of a v2 plugin when the host asks for JSON.",
            \.convertFrames),
        PluginKey(
            name: "chunk_rows", purpose: "Rows in one chunk of an answer to QueryChunkedData; 0 switches the method off.",
            effect: .newCalls
        ) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in
            plugin.translation.chunkRows = try value.integer(in: 0...100_000_000)
        },
        PluginKey(
            name: "health_query", purpose: "The model of a query that tells whether the data source answers.", effect: .newCalls
        ) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in plugin.healthQuery = try value.model()
        },
        PluginKey(
            name: "gateway_resources", purpose: "Offer the JSON of the old /api/tsdb/query as a resource.", effect: .newCalls
        ) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in plugin.answersLegacyQueries = try value.boolean()
        },
        PluginKey(
            name: "relay", purpose: "Whether the bytes of a host pass untouched when the plugin speaks its version.",
            effect: .newConnections
        ) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in plugin.mayRelay = try value.boolean()
        },
        PluginKey(name: "magic_cookie", purpose: "The magic cookie that the plugin is started with.", effect: .pluginRestart) {
            (value, plugin) throws(ConfigurationValue.Mismatch) in
            plugin.magicCookie = try value.choice(PluginConfiguration.MagicCookieChoice.allCases.map { ($0.rawValue, $0) })
        },
        PluginKey(name: losses, purpose: "What becomes of calls that lose something, by path.", effect: .newCalls) {
            (_, _) throws(ConfigurationValue.Mismatch) in
            throw ConfigurationValue.Mismatch(
                "a mapping of paths to \(LossPolicy.allCases.map(\.rawValue).joined(separator: ", "))")
        },
    ]

    /// The one key whose value is a mapping; ``ConfigurationReader`` reads it line by line.
    static let losses = "losses"

    static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    private static func choices<Choice: CaseIterable & RawRepresentable<String>>() -> [(String, Choice)] {
        Choice.allCases.map { ($0.rawValue, $0) }
    }

    private static func option<Choice: CaseIterable & RawRepresentable<String> & Sendable>(
        _ name: String, _ purpose: String, _ member: any WritableKeyPath<TranslationOptions, Choice> & Sendable
    ) -> PluginKey {
        PluginKey(name: name, purpose: purpose, effect: .newCalls) { (value, plugin) throws(ConfigurationValue.Mismatch) in
            plugin.translation[keyPath: member] = try value.choice(choices())
        }
    }
}
