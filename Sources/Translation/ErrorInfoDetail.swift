/// Error details for the gRPC trailer `grpc-status-details-bin`.
///
/// Hosts read one thing there: whether the plugin or the data source behind it is to blame.
package enum ErrorInfoDetail {
    static let typeURL = "type.googleapis.com/google.rpc.ErrorInfo"
    static let metadataKey: WireText = "errorSource"

    /// - Parameter errorSource: `plugin` or `downstream`.
    /// - Returns: an encoded `google.rpc.Status` with a `google.rpc.ErrorInfo`.
    package static func statusDetails(code: Int, message: String, errorSource: String) -> [UInt8] {
        var info = WireWriter()
        info.mapEntry(3, key: metadataKey, value: WireText(errorSource))
        var status = WireWriter()
        status.int64(1, Int64(code))
        status.string(2, message)
        status.message(3) { any in
            any.string(1, typeURL)
            any.data(2, info.bytes)
        }
        return status.bytes
    }
}
