internal import DataFrames
package import PluginProtocolV2

extension ReferenceResponse {
    /// A response as a host reads it, with our readers.
    package init(_ response: Pluginv2_DataResponse) throws {
        self.init(
            status: Int(response.status), error: response.error, errorSource: response.errorSource,
            jsonMeta: Array(response.jsonMeta),
            frames: try response.frames.map {
                response.format == .json ? try JSONFrame.read(Array($0)) : try ArrowFile.read(Array($0))
            })
    }
}

extension ReferenceResponse {
    /// An answer with nothing in it.
    package static let empty = ReferenceResponse(status: 200)
}
