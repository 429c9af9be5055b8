package import PluginProtocolV1
package import PluginProtocolV2
internal import SwiftProtobuf
package import Translation

/// `Render` once more, on generated messages.
package struct ReferenceRender {
    package enum Plan {
        case call(Models_RenderRequest)
        /// The error begins with this.
        case answer(String)
    }

    package var plan: Plan
    package var losses = LossLedger()

    package init(_ request: ExactMessage<Pluginextensionv2_RenderRequest>, options: TranslationOptions) {
        let (request, side) = (request.content, request.side)
        losses.add(side)
        losses.addUnknown(request.unknownFields, in: "pluginextensionv2.RenderRequest")
        let encoding = request.encoding.lowercased()
        if ["pdf", "csv"].contains(encoding) {
            plan = .answer("the encoding \(encoding) is not supported by this renderer")
            return
        }
        if request.height <= 0 {
            plan = .answer("full height images are not supported by this renderer")
            return
        }
        let headers = request.headers.count + (side.repeatedKeys["pluginextensionv2.RenderRequest.headers"] ?? 0)
        losses.add("pluginextensionv2.RenderRequest.headers", .noHome, count: headers)
        let isScaled = request.deviceScaleFactor != 0 && request.deviceScaleFactor != 1
        losses.add("pluginextensionv2.RenderRequest.deviceScaleFactor", .noHome, count: isScaled ? 1 : 0)
        losses.add("pluginextensionv2.RenderRequest.authToken", .noHome, count: request.authToken.isEmpty ? 0 : 1)
        guard !losses.losses.contains(where: { options.losses.policy(of: $0.path) == .refuse }) else {
            plan = .answer("the legacy plugin was not asked, because the request would lose what the operator refuses to lose")
            return
        }
        plan = .call(
            .with {
                $0.url = request.url
                $0.width = request.width
                $0.height = request.height
                $0.timeout = request.timeout
                $0.timezone = request.timezone
                $0.encoding = request.encoding
                $0.filePath = request.filePath
                $0.renderKey = request.renderKey
                $0.domain = request.domain
            })
    }
}
