/// `pluginv2.Data/QueryChunkedData` in front of a v1 plugin, which answers each query as a whole (rule B.10).
///
/// The request is planned like that of a `QueryData`. The caller makes the calls of the plan and gives each outcome, as soon as it is
/// there, to a ``ChunkedAnswer``, which makes the messages of the stream one at a time.
package enum V2ToV1QueryChunkedData {
    static let message = "pluginv2.QueryChunkedDataRequest"

    /// - Parameter request: an encoded `pluginv2.QueryChunkedDataRequest`.
    /// - Returns: the v1 calls, and what the request lost on its way into them.
    /// - Throws: ``TranslationError`` when the bytes are not that message.
    package static func plan(
        _ request: [UInt8], options: TranslationOptions
    ) throws(TranslationError) -> (QueryDataPlan, LossLedger) {
        try V2ToV1QueryData.plan(request, chunked: true, options: options)
    }
}
