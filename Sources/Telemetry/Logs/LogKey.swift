/// The journal fields of our own, which are at the same time the keys of log metadata: one list for all that is written.
///
/// Suffixes give the unit: `_TOTAL` a cumulative count, `_BYTES`, `_USEC` microseconds. What each means stands in
/// `LogKey+Description.swift`, which kinds of events carry it in `EventKind+Description.swift`.
package enum LogKey: String, Sendable, CaseIterable {
    // Every entry
    /// The kind of event by name; see ``EventKind``.
    case event = "PLUGIN_GATEWAY_EVENT"
    /// The label of the logger.
    case logger = "PLUGIN_GATEWAY_LOGGER"

    // Whom it is about
    case plugin = "PLUGIN_GATEWAY_PLUGIN"
    case attachment = "PLUGIN_GATEWAY_ATTACHMENT"
    case pluginPID = "PLUGIN_GATEWAY_PLUGIN_PID"
    case locatorPID = "PLUGIN_GATEWAY_LOCATOR_PID"
    case socket = "PLUGIN_GATEWAY_SOCKET"
    case directory = "PLUGIN_GATEWAY_DIRECTORY"
    case executable = "PLUGIN_GATEWAY_EXECUTABLE"
    case file = "PLUGIN_GATEWAY_FILE"
    case version = "PLUGIN_GATEWAY_VERSION"

    // Negotiation
    case hostVersion = "PLUGIN_GATEWAY_HOST_VERSION"
    case pluginVersion = "PLUGIN_GATEWAY_PLUGIN_VERSION"
    case versionPath = "PLUGIN_GATEWAY_VERSION_PATH"
    case mode = "PLUGIN_GATEWAY_MODE"

    // What happened
    case method = "PLUGIN_GATEWAY_METHOD"
    case reason = "PLUGIN_GATEWAY_REASON"
    case remedy = "PLUGIN_GATEWAY_REMEDY"
    case error = "PLUGIN_GATEWAY_ERROR"
    case code = "PLUGIN_GATEWAY_CODE"
    case lastWords = "PLUGIN_GATEWAY_LAST_WORDS"
    /// The state of a plugin's supervision after the event, and before it.
    case state = "PLUGIN_GATEWAY_STATE"
    case stateBefore = "PLUGIN_GATEWAY_STATE_BEFORE"
    case attempt = "PLUGIN_GATEWAY_ATTEMPT"
    case retryAfter = "PLUGIN_GATEWAY_RETRY_AFTER_USEC"
    case lossPath = "PLUGIN_GATEWAY_LOSS_PATH"
    case lossCause = "PLUGIN_GATEWAY_LOSS_CAUSE"

    // Of a plugin's own log
    case source = "PLUGIN_GATEWAY_SOURCE"
    case module = "PLUGIN_GATEWAY_MODULE"
    case pluginTime = "PLUGIN_GATEWAY_PLUGIN_TIME_USEC"
    case fieldsNotKept = "PLUGIN_GATEWAY_FIELDS_NOT_KEPT"

    // Snapshots
    /// Counts snapshot entries; a gap is an entry that was lost.
    case sequence = "PLUGIN_GATEWAY_SEQUENCE"
    /// When the counters began, in microseconds since 1970: a new value means that they began at zero.
    case since = "PLUGIN_GATEWAY_SINCE_USEC"
    /// 1 on the last snapshot of a plugin or of the gateway.
    case final = "PLUGIN_GATEWAY_FINAL"
    case calls = "PLUGIN_GATEWAY_CALLS_TOTAL"
    case errors = "PLUGIN_GATEWAY_ERRORS_TOTAL"
    /// Repeated: `CODE COUNT` for each gRPC code other than OK.
    case errorCode = "PLUGIN_GATEWAY_ERROR_CODE"
    case latencySum = "PLUGIN_GATEWAY_LATENCY_SUM_USEC"
    case latencyMedian = "PLUGIN_GATEWAY_LATENCY_P50_USEC"
    case latency90 = "PLUGIN_GATEWAY_LATENCY_P90_USEC"
    case latency99 = "PLUGIN_GATEWAY_LATENCY_P99_USEC"
    case latencyMaximum = "PLUGIN_GATEWAY_LATENCY_MAX_USEC"
    /// `BOUND:COUNT,…`: calls that took at most BOUND microseconds and more than the bound before; empty buckets are left out.
    case latencyHistogram = "PLUGIN_GATEWAY_LATENCY_HISTOGRAM_USEC"
    case requestBytes = "PLUGIN_GATEWAY_REQUEST_BYTES"
    case responseBytes = "PLUGIN_GATEWAY_RESPONSE_BYTES"
    case points = "PLUGIN_GATEWAY_POINTS_TOTAL"
    case frames = "PLUGIN_GATEWAY_FRAMES_TOTAL"
    case translationSum = "PLUGIN_GATEWAY_TRANSLATION_SUM_USEC"
    case losses = "PLUGIN_GATEWAY_LOSSES_TOTAL"
    /// Repeated: `COUNT PATH CAUSE`, the most frequent first.
    case loss = "PLUGIN_GATEWAY_LOSS"

    case openCalls = "PLUGIN_GATEWAY_CALLS_OPEN"
    case restarts = "PLUGIN_GATEWAY_RESTARTS_TOTAL"

    // Of the gateway itself
    case residentMemory = "PLUGIN_GATEWAY_RESIDENT_BYTES"
    case processorTime = "PLUGIN_GATEWAY_CPU_USEC"
    case descriptors = "PLUGIN_GATEWAY_DESCRIPTORS"
    case entriesSent = "PLUGIN_GATEWAY_ENTRIES_SENT_TOTAL"
    case entriesDropped = "PLUGIN_GATEWAY_ENTRIES_DROPPED_TOTAL"
    case fieldsLeftOut = "PLUGIN_GATEWAY_FIELDS_LEFT_OUT_TOTAL"
    case sendFailures = "PLUGIN_GATEWAY_SEND_FAILURES_TOTAL"
    case plugins = "PLUGIN_GATEWAY_PLUGINS"
    case loopLag = "PLUGIN_GATEWAY_LOOP_LAG_MAX_USEC"
}
