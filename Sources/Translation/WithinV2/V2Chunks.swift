internal import DataFrames

/// The answers of a plugin of the host's own version to a `QueryChunkedData`.
package struct V2Chunks: Sendable {
    /// What one message of the plugin becomes.
    package enum Passed: Sendable, Equatable {
        /// It passes as it came.
        case unchanged
        case converted([UInt8])
    }

    private let options: TranslationOptions
    private let request: FrameFormat
    /// The frame of each refId whose chunks are being converted: its later ones hold data only.
    private var converting: [WireText: WireText] = [:]

    /// - Parameter request: the encoded `pluginv2.QueryChunkedDataRequest`.
    package init(request: [UInt8], options: TranslationOptions) {
        self.options = options
        self.request = V2FrameConversion.format(of: request)
    }

    /// Whether a first message says that the plugin has the method and nothing behind it: the plugin SDK sends this one, with status 501
    /// and no refId, when a plugin has no handler.
    package static func isNotImplemented(_ message: [UInt8]) -> Bool {
        var ledger = LossLedger()
        guard let chunk = try? Fields(message, &ledger) else { return false }
        return chunk.status == 501 && chunk.refID.isEmpty && chunk.frame == nil
    }

    /// A message of the plugin on its way to the host.
    package mutating func pass(_ message: [UInt8], _ ledger: inout LossLedger) -> Passed {
        guard options.convertFrames == .json, request == .json else { return .unchanged }
        var found = LossLedger()
        guard let chunk = try? Fields(message, &found), ArrowToJSON.isWanted(request: request, answer: chunk.format, options)
        else {
            return .unchanged
        }
        let document: [UInt8]
        if let file = chunk.frame {
            let part: JSONFrame.Part = converting[chunk.refID] == chunk.frameID ? .data : .schemaAndData
            guard let converted = self.document(file, part, of: chunk, &found) else {
                ledger.merge(found)
                converting[chunk.refID] = nil
                return .unchanged
            }
            document = converted
        } else {
            guard !chunk.error.isEmpty else { return .unchanged }
            document = []
        }
        ledger.merge(found)
        converting[chunk.refID] = chunk.frameID
        return .converted(
            ChunkMessage(
                refID: chunk.refID, frameID: chunk.frameID.string, frame: document, error: chunk.error.string,
                status: chunk.status,
                errorSource: chunk.errorSource.string, format: .json
            ).encoded)
    }

    /// The frame of a chunk as JSON; empty for the frame without fields that comes with an error.
    private func document(_ file: [UInt8], _ part: JSONFrame.Part, of chunk: Fields, _ ledger: inout LossLedger) -> [UInt8]? {
        let conversion = ArrowToJSON(options: options)
        guard let frame = conversion.frame(file, &ledger) else { return nil }
        if frame.fields.isEmpty, !chunk.error.isEmpty { return [] }
        return conversion.document(frame, part: part, &ledger)
    }

    /// The fallback: what `QueryData` answered, as chunks.
    ///
    /// - Parameters:
    ///   - response: an encoded `pluginv2.QueryDataResponse`.
    ///   - ledger: takes what chunks have no place for.
    package func chunks(of response: [UInt8], _ ledger: inout LossLedger) -> ResponseChunks {
        ResponseChunks(response, request: request, options, &ledger)
    }

    /// A `pluginv2.QueryChunkedDataResponse`.
    private struct Fields {
        var refID = WireText("")
        var frameID = WireText("")
        /// Nil when it is empty.
        var frame: [UInt8]?
        var error = WireText("")
        var status: Int32 = 0
        var errorSource = WireText("")
        var format: Int32 = 0

        init(_ message: [UInt8], _ ledger: inout LossLedger) throws(WireError) {
            var (fields, found) = (Fields(), ledger)
            try message.readWire { reader throws(WireError) in
                while !reader.isAtEnd {
                    let tag = try reader.tag()
                    switch (tag.number, tag.type) {
                    case (1, .bytes): fields.refID = try reader.text("pluginv2.QueryChunkedDataResponse.refId", &found)
                    case (2, .bytes): fields.frameID = try reader.text("pluginv2.QueryChunkedDataResponse.frameId", &found)
                    case (3, .bytes):
                        let bytes = try reader.data()
                        fields.frame = bytes.isEmpty ? nil : bytes
                    case (4, .bytes): fields.error = try reader.text("pluginv2.QueryChunkedDataResponse.error", &found)
                    case (5, .varint): fields.status = try reader.enumeration()
                    case (6, .bytes):
                        fields.errorSource = try reader.text("pluginv2.QueryChunkedDataResponse.errorSource", &found)
                    case (7, .varint): fields.format = try reader.enumeration()
                    default: try reader.skipUnknown(tag, in: ChunkMessage.message, &found)
                    }
                }
            }
            self = fields
            ledger = found
        }

        private init() {}
    }
}
