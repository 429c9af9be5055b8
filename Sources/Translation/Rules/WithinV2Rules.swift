extension RuleBook {
    /// Host 2 → plugin 2: calls are relayed byte for byte. Only where a plugin lacks what its host asks for are answers written again.
    package static let withinV2 = RuleBook(
        host: 2, plugin: 2,
        methods: [
            MethodRule(
                "pluginv2.Data/QueryData", "pluginv2.QueryDataRequest", "pluginv2.QueryDataResponse", .relayed,
                "frames are written again where the host asked for JSON and got Arrow (convert_frames)"),
            MethodRule(
                "pluginv2.Data/QueryChunkedData", "pluginv2.QueryChunkedDataRequest", "pluginv2.QueryChunkedDataResponse",
                .relayed,
                "asked as QueryData where the plugin has no QueryChunkedData"),
        ],
        messages: [
            MessageRules(
                "pluginv2.QueryDataResponse", .answer, "Relayed, or written again entry by entry.",
                [
                    .carried(
                        1, "responses", "map<string, pluginv2.DataResponse>", "pluginv2.QueryDataResponse.responses",
                        losses: [.invalidUTF8])
                ]),
            MessageRules(
                "pluginv2.DataResponse", .answer, "Relayed; in place of chunks, one or more messages for each frame.",
                [
                    .converted(
                        1, "frames", "repeated bytes", "pluginv2.DataResponse.frames",
                        how: "untouched, or from Arrow to JSON; a file that cannot be converted passes as it came",
                        losses: [.frameMetadata, .unusableJSON, .notConverted]),
                    .carried(2, "error", "string", "pluginv2.DataResponse.error", losses: [.invalidUTF8]),
                    .converted(
                        3, "jsonMeta", "bytes", "pluginv2.DataResponse.jsonMeta",
                        how: "untouched; an answer in chunks has no place for it",
                        losses: [.noHome]),
                    .carried(4, "status", "int32", "pluginv2.DataResponse.status"),
                    .carried(5, "errorSource", "string", "pluginv2.DataResponse.errorSource", losses: [.invalidUTF8]),
                    .converted(
                        6, "format", "pluginv2.DataFrameFormat", "pluginv2.DataResponse.format",
                        how: "untouched, or JSON where frames are"),
                ]),
            MessageRules(
                "pluginv2.QueryChunkedDataResponse", .answer, "Relayed, or made of a QueryData answer.",
                [
                    .carried(1, "refId", "string", "pluginv2.QueryChunkedDataResponse.refId", losses: [.invalidUTF8]),
                    .carried(2, "frameId", "string", "pluginv2.QueryChunkedDataResponse.frameId", losses: [.invalidUTF8]),
                    .converted(
                        3, "frame", "bytes", "pluginv2.QueryChunkedDataResponse.frame",
                        how: "untouched, or from Arrow to JSON; losses are entered under pluginv2.DataResponse.frames"),
                    .carried(4, "error", "string", "pluginv2.QueryChunkedDataResponse.error", losses: [.invalidUTF8]),
                    .carried(5, "status", "int32", "pluginv2.QueryChunkedDataResponse.status"),
                    .carried(6, "errorSource", "string", "pluginv2.QueryChunkedDataResponse.errorSource", losses: [.invalidUTF8]),
                    .converted(
                        7, "format", "pluginv2.DataFrameFormat", "pluginv2.QueryChunkedDataResponse.format",
                        how: "untouched, or JSON where the frame is"),
                ]),
        ],
        enums: V2ToV1Rules.enums.filter { $0.name == "pluginv2.DataFrameFormat" })
}
