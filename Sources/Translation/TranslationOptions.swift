internal import DataFrames

/// Choices of an operator for one plugin. The defaults are right for a plugin nobody knows.
package struct TranslationOptions: Sendable, Equatable {
    /// A v2 request has a time range per query, a v1 request has one.
    package enum TimeRangePolicy: String, Sendable, CaseIterable {
        /// One v1 call per range. A query that refers to another query's refId only finds those of its own range.
        case split
        /// One call with the first query's range.
        case first
        /// One call from the earliest start to the latest end.
        case union
    }

    package enum Model: String, Sendable, CaseIterable {
        /// `datasource` becomes the data source's name, and the members that old hosts added are added.
        case legacy
        /// The bytes as they came.
        case verbatim
    }

    /// Facts about the data source that v1 has no field for.
    package enum ExposedSetting: String, Sendable, CaseIterable {
        case uid, user, database, basicAuth, basicAuthUser, updatedMS
    }

    package enum NaNPolicy: String, Sendable, CaseIterable {
        case keep, null
    }

    package enum PointOrder: String, Sendable, CaseIterable {
        case off, stable
    }

    package enum SeriesLabel: String, Sendable, CaseIterable {
        /// A label with the series' name, only where equal tags hide that the names differ.
        case auto
        case never
        case always
    }

    package enum BytesEncoding: String, Sendable, CaseIterable {
        /// Text if every value of the column is UTF-8, else base64.
        case auto
        case utf8
        case base64
    }

    /// What becomes of Arrow frames of a plugin of the host's own version when the host asked for JSON.
    package enum FrameConversion: String, Sendable, CaseIterable {
        /// They pass as they are, with everything else. Hosts look at the format of the answer.
        case never
        /// They are written again as JSON.
        case json
    }

    package enum DuplicateResults: String, Sendable, CaseIterable {
        /// The last result of a refId wins.
        case last
        /// Frames are appended, errors joined.
        case merge
    }

    package var timeRangePolicy = TimeRangePolicy.split
    package var model = Model.legacy
    /// Send requests without data source settings too (an app's plugin, a broken host) instead of answering with an error.
    package var allowMissingSettings = false
    /// Put these into the reserved member `__gateway` of jsonData.
    package var exposeInJSONData: [ExposedSetting] = []
    /// Names of gRPC metadata to send with the v1 call: `x-grafana-user-login`, `x-grafana-user-role`, `x-grafana-namespace`,
    /// `x-grafana-ds-uid`, or the key of a header of the request (letter case does not matter), which then travels under its lower-case key.
    package var forwardMetadata: [String] = []
    package var nan = NaNPolicy.keep
    package var sortPoints = PointOrder.off
    package var seriesLabel = SeriesLabel.auto
    package var bytes = BytesEncoding.auto
    /// Columns with one of these names (letter case does not matter) are read as times when every value can be one.
    package var timeColumns = ["time", "date"]
    package var duplicates = DuplicateResults.last
    /// A metaJson larger than this many bytes goes to the first frame only.
    package var metaLimit = 16 * 1024
    /// Answer with Arrow frames even if the host asked for JSON.
    package var arrowOnJSONRequest = false
    /// Rows in one chunk of a streamed frame; 0 switches streamed answers off.
    package var chunkRows = 50_000
    package var convertFrames = FrameConversion.never
    /// Bytes in one record batch of an Arrow file. Not for operators: readers refuse more, and tests want less.
    var arrowBodyLimit = ArrowFile.maximumBodyLength
    /// What becomes of a call that loses something.
    package var losses = LossPolicies()

    /// How many v1 calls of one request may run at once; the caller of the plan keeps to it.
    package static let maximumConcurrentCalls = 4

    package static let `default` = TranslationOptions()

    package init() {}
}
