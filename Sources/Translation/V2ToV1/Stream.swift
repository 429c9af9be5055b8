/// `pluginv2.Stream` in front of a v1 plugin, which has no streams: a normal "not found", so that hosts log no error.
package enum V2ToV1Stream {
    /// `NOT_FOUND` of both response messages.
    private static let notFound: Int64 = 1

    /// An encoded `pluginv2.SubscribeStreamResponse`.
    package static let subscribeReply = reply()
    /// An encoded `pluginv2.PublishStreamResponse`.
    package static let publishReply = reply()

    private static func reply() -> [UInt8] {
        var writer = WireWriter()
        writer.int64(1, notFound)
        return writer.bytes
    }
}
