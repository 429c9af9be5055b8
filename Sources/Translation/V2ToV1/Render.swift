/// `pluginextensionv2.Renderer/Render` in front of a v1 renderer (rule D.2). The fields are the same, under other numbers.
package enum V2ToV1Render {
    static let message = "pluginextensionv2.RenderRequest"
    static let replyMessage = "models.RenderResponse"

    /// What to do about a request.
    package enum Plan: Sendable, Equatable {
        /// Ask the plugin: an encoded `models.RenderRequest`.
        case call([UInt8])
        /// Answer without it: an encoded `pluginextensionv2.RenderResponse` with an error.
        case answer([UInt8])
    }

    /// - Parameter request: an encoded `pluginextensionv2.RenderRequest`.
    /// - Returns: what to do, and what the request loses.
    /// - Throws: ``TranslationError`` when the bytes are not that message.
    package static func plan(_ request: [UInt8], options: TranslationOptions) throws(TranslationError) -> (Plan, LossLedger) {
        var ledger = LossLedger(policies: options.losses)
        var fields = Fields()
        do throws(WireError) {
            try request.readWire { reader throws(WireError) in try fields.read(&reader, &ledger) }
        } catch {
            throw .malformedRequest(message, error, size: request.count)
        }
        if let reason = fields.refusal { return (.answer(answer(error: reason)), ledger) }
        fields.enterLosses(&ledger)
        let refused = ledger.takeRefusals()
        if !refused.isEmpty { return (.answer(answer(error: LossRefusal.ofRequest(refused))), ledger) }
        return (.call(fields.encoded), ledger)
    }

    /// - Parameters:
    ///   - reply: an encoded `models.RenderResponse`.
    ///   - ledger: takes what the reply lost.
    /// - Returns: an encoded `pluginextensionv2.RenderResponse`.
    package static func answer(_ reply: [UInt8], ledger: inout LossLedger) -> [UInt8] {
        var (found, text) = (ledger, WireText(""))
        do throws(WireError) {
            try reply.readWire { reader throws(WireError) in
                while !reader.isAtEnd {
                    let tag = try reader.tag()
                    if tag.isField(1, .bytes) {
                        text = try reader.text("models.RenderResponse.error", &found)
                    } else {
                        try reader.skipUnknown(tag, in: replyMessage, &found)
                    }
                }
            }
        } catch {
            ledger.add(LossPath(replyMessage), .malformedReply)
            return answer(
                error: "the legacy renderer's reply is not a \(replyMessage): \(error) of \(reply.count); "
                    + "the plugin must be corrected to send valid protobuf")
        }
        ledger = found
        let refused = ledger.takeRefusals()
        guard refused.isEmpty else {
            return answer(error: (text.isEmpty ? "" : text.string + "; ") + LossRefusal.ofAnswer(refused))
        }
        return answer(error: text.string)
    }

    private static func answer(error: String) -> [UInt8] {
        var writer = WireWriter()
        writer.string(1, error)
        return writer.bytes
    }

    /// A `pluginextensionv2.RenderRequest`. It holds what lets the renderer in, and is not shown.
    private struct Fields: CustomStringConvertible, CustomReflectable {
        var url = WireText("")
        /// Pixels. Hosts that want the whole page send a height of −1.
        var width: Int32 = 0
        var height: Int32 = 0
        var scale: Float = 0
        var filePath = WireText("")
        var renderKey = WireText("")
        var domain = WireText("")
        /// Seconds.
        var timeout: Int32 = 0
        var timezone = WireText("")
        var headers = 0
        var hasAuthToken = false
        var encoding = WireText("")

        mutating func read(_ reader: inout WireReader, _ ledger: inout LossLedger) throws(WireError) {
            while !reader.isAtEnd {
                let tag = try reader.tag()
                switch (tag.number, tag.type) {
                case (1, .bytes): url = try reader.text("pluginextensionv2.RenderRequest.url", &ledger)
                case (2, .varint): width = try reader.enumeration()
                case (3, .varint): height = try reader.enumeration()
                case (4, .fixed32): scale = try reader.float()
                case (5, .bytes): filePath = try reader.text("pluginextensionv2.RenderRequest.filePath", &ledger)
                case (6, .bytes): renderKey = try reader.text("pluginextensionv2.RenderRequest.renderKey", &ledger)
                case (7, .bytes): domain = try reader.text("pluginextensionv2.RenderRequest.domain", &ledger)
                case (8, .varint): timeout = try reader.enumeration()
                case (9, .bytes): timezone = try reader.text("pluginextensionv2.RenderRequest.timezone", &ledger)
                case (10, .bytes):
                    var entry = try reader.message()
                    try UnknownFields.enterEntry(
                        &entry, of: "pluginextensionv2.RenderRequest.headers", value: "pluginextensionv2.StringList", &ledger)
                    headers += 1
                case (11, .bytes): hasAuthToken = try !reader.delimited().isEmpty
                case (12, .bytes): encoding = try reader.text("pluginextensionv2.RenderRequest.encoding", &ledger)
                default: try reader.skipUnknown(tag, in: message, &ledger)
                }
            }
        }

        /// Why a v1 renderer cannot do what is asked. It would make a picture all the same, of another kind than the host expects.
        var refusal: String? {
            switch encoding.string.lowercased() {
            case "pdf", "csv":
                return
                    "the encoding \(encoding.string.lowercased()) is not supported by this renderer: it speaks the legacy protocol "
                    + "version 1, which makes pictures only"
            default:
                return height <= 0 ? "full height images are not supported by this renderer" : nil
            }
        }

        func enterLosses(_ ledger: inout LossLedger) {
            // A v1 renderer renders at 1, which is also what 0 means. The size is not scaled in its place: that would change the layout.
            if scale != 0 && scale != 1 { ledger.add("pluginextensionv2.RenderRequest.deviceScaleFactor", .noHome) }
            ledger.add("pluginextensionv2.RenderRequest.headers", .noHome, count: headers)
            if hasAuthToken { ledger.add("pluginextensionv2.RenderRequest.authToken", .noHome) }
        }

        /// A `models.RenderRequest`.
        var encoded: [UInt8] {
            var writer = WireWriter()
            writer.string(1, url)
            writer.int64(2, Int64(width))
            writer.int64(3, Int64(height))
            writer.int64(4, Int64(timeout))
            writer.string(5, timezone)
            writer.string(6, encoding)
            writer.string(7, filePath)
            writer.string(8, renderKey)
            writer.string(9, domain)
            return writer.bytes
        }

        var description: String { "a picture of \(width) × \(height)" }
        var customMirror: Mirror { Mirror(self, children: []) }
    }
}
