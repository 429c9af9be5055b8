internal import NIOCore
internal import NIOHTTP2

/// What an error in the pipeline means. Texts name the kind of error only: the codec's descriptions hold header values.
enum ConnectionError {
    /// One stream is affected; the codec has reset it.
    case stream(String)
    /// The connection cannot go on.
    case violation(String)
    /// The operating system reported an error.
    case system(String)

    static func classify(_ error: any Error, codecGaveUp: Bool) -> ConnectionError {
        if let error = error as? IOError {
            return .system("the connection failed: \(SystemErrorText.describe(error.errnoCode))")
        }
        let cause = (error as? NIOHTTP2Errors.StreamError)?.baseError ?? error
        let kind = String(describing: type(of: cause))
        if codecGaveUp || error is NIOHTTP2Errors.BadClientMagic {
            return .violation("the peer broke the rules of HTTP/2 (\(kind))")
        }
        if error is ChannelError {
            return .system("the connection failed (\(kind))")
        }
        return .stream("a stream was ended because of a breach of HTTP/2 (\(kind))")
    }
}
