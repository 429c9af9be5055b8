extension V2ToV1Rules {
    private static let health =
        "the gateway answers from what it knows of the plugin's process; a configured test query is asked with the context"
    private static let metrics = "the gateway answers with its own metrics for this plugin"

    /// Health and metrics, which the gateway answers.
    static let diagnostics: [MessageRules] = [
        .notApplicable(
            "pluginv2.CheckHealthRequest", .request, answer: health,
            [(1, "pluginContext", "pluginv2.PluginContext"), (2, "headers", "map<string, string>")]),
        MessageRules(
            "pluginv2.CheckHealthResponse", .answer, "Save & test calls it, so it is not UNIMPLEMENTED.",
            [
                .synthesised(
                    1, "status", "pluginv2.CheckHealthResponse.HealthStatus",
                    from:
                        "OK when the process runs, its gRPC health is SERVING or not offered, and a configured test query succeeds; else ERROR"
                ),
                .synthesised(2, "message", "string", from: "a sentence about the process"),
                .synthesised(3, "jsonDetails", "bytes", from: "process, version and last calls, as a JSON object"),
            ]),
        .notApplicable(
            "pluginv2.CollectMetricsRequest", .request, answer: metrics, [(1, "pluginContext", "pluginv2.PluginContext")]),
        MessageRules(
            "pluginv2.CollectMetricsResponse", .answer, "",
            [
                .synthesised(
                    1, "metrics", "pluginv2.CollectMetricsResponse.Payload", from: "the gateway's counters for this plugin")
            ]),
        MessageRules(
            "pluginv2.CollectMetricsResponse.Payload", .answer, "",
            [.synthesised(1, "prometheus", "bytes", from: "calls, codes, times, losses, restarts and memory as Prometheus text")]),
    ]

    private static let noStream = "the channel is NOT_FOUND, a normal answer: v1 has no streams"
    private static let neverRun = "UNIMPLEMENTED; never called, because no subscription is accepted"

    /// Channels of Grafana Live.
    static let stream: [MessageRules] = [
        .notApplicable("pluginv2.SubscribeStreamRequest", .request, answer: noStream, channelFields),
        MessageRules("pluginv2.SubscribeStreamResponse", .answer, "", notFound("pluginv2.SubscribeStreamResponse.Status")),
        .notApplicable("pluginv2.PublishStreamRequest", .request, answer: noStream, channelFields),
        MessageRules("pluginv2.PublishStreamResponse", .answer, "", notFound("pluginv2.PublishStreamResponse.Status")),
        .notApplicable("pluginv2.RunStreamRequest", .request, answer: neverRun, channelFields),
        .notApplicable("pluginv2.StreamPacket", .answer, answer: neverRun, [(1, "data", "bytes")]),
    ]

    private static let channelFields: [(number: UInt32, name: String, type: String)] = [
        (1, "pluginContext", "pluginv2.PluginContext"), (2, "path", "string"), (3, "data", "bytes"),
        (4, "headers", "map<string, string>"),
    ]

    private static func notFound(_ status: String) -> [FieldRule] {
        [
            .synthesised(1, "status", status, from: "nothing: always NOT_FOUND"),
            .synthesised(2, "data", "bytes", from: "nothing: always empty"),
        ]
    }
}
