extension V2ToV1Rules {
    /// What the plugin answers to `models.DatasourcePlugin/Query`.
    static let pluginAnswer: [MessageRules] = [
        MessageRules(
            "models.DatasourceResponse", .answer, "The answers of all v1 calls of a request become one.",
            losses: [.malformedReply],
            [
                .converted(
                    1, "results", "repeated models.QueryResult", "pluginv2.QueryDataResponse.responses",
                    how: "by refId; a query without result gets an empty answer with status 200", losses: [.refIDUnanswered])
            ]),
        MessageRules(
            "models.QueryResult", .answer, "A DataResponse.",
            [
                .carried(
                    1, "error", "string", "pluginv2.DataResponse.error",
                    "with status 500 and source downstream; its data is kept",
                    losses: [.invalidUTF8]),
                .converted(
                    2, "refId", "string", "pluginv2.QueryDataResponse.responses",
                    how:
                        "the key; without one, or with one nobody asked for, the query it must belong to where that is certain. Of two "
                        + "results the last one wins, which is what Grafana did, so there is no notice (duplicates)",
                    losses: [.refIDReassigned, .refIDUnmatched, .duplicateRefID, .invalidUTF8]),
                .converted(
                    3, "metaJson", "string", "pluginv2.DataResponse.frames",
                    how:
                        "meta.custom of every frame, and jsonMeta; executedQueryString or sql, and valid notices, are promoted. Above "
                        + "meta_limit on the first frame only. An answer in chunks without frames has no place for it",
                    losses: [.unusableJSON, .firstFrameOnly, .duplicateRefID, .noHome, .invalidUTF8]),
                .converted(
                    4, "series", "repeated models.TimeSeries", "pluginv2.DataResponse.frames",
                    how:
                        "one frame each, in order, with fields Time and Value; the type timeseries-multi where all series are sorted and "
                        + "told apart by labels"),
                .converted(
                    5, "tables", "repeated models.Table", "pluginv2.DataResponse.frames", how: "one frame each, behind the series"
                ),
            ]),
        MessageRules(
            "models.TimeSeries", .answer, "A frame.",
            [
                .converted(
                    1, "name", "string", "pluginv2.DataResponse.frames",
                    how:
                        "the frame's name and displayNameFromDS; also a label where equal tags hide that names differ (series_label)",
                    losses: [.noFreeLabel, .invalidUTF8]),
                .converted(
                    2, "tags", "map<string, string>", "pluginv2.DataResponse.frames",
                    how: "labels of Value, sorted by the bytes of the key",
                    losses: [.invalidUTF8]),
                .converted(
                    3, "points", "repeated models.Point", "pluginv2.DataResponse.frames", how: "rows, in order (sort_points)",
                    losses: [.timestampOutOfRange, .reordered],
                    notice: "N data point(s) dropped: timestamp outside the nanosecond range"),
            ]),
        MessageRules(
            "models.Point", .answer, "A row of Time and Value.",
            [
                .converted(
                    1, "timestamp", "int64", "pluginv2.DataResponse.frames",
                    how: "milliseconds become nanoseconds; what does not fit is entered under models.TimeSeries.points"),
                .converted(
                    2, "value", "double", "pluginv2.DataResponse.frames",
                    how:
                        "bit for bit, NaN, infinities and -0 included; nan: null makes NaN null. The JSON of old hosts has no NaN and no "
                        + "infinities: null there",
                    losses: [.nanToNull, .noHome]),
            ]),
        MessageRules(
            "models.Table", .answer, "A frame with one nullable field for each column, shown as a table.",
            [
                .converted(
                    1, "columns", "repeated models.TableColumn", "pluginv2.DataResponse.frames",
                    how:
                        "fields; the type comes from the kinds of the column's cells, and time or date is read as a time where all can be"
                ),
                .converted(
                    2, "rows", "repeated models.TableRow", "pluginv2.DataResponse.frames",
                    how: "rows, in order; short ones are filled with nulls"),
            ]),
        MessageRules(
            "models.TableColumn", .answer, "",
            [
                .carried(
                    1, "name", "string", "pluginv2.DataResponse.frames", "the field's name, also when empty or twice",
                    losses: [.invalidUTF8])
            ]),
        MessageRules(
            "models.TableRow", .answer, "",
            [
                .converted(
                    1, "values", "repeated models.RowValue", "pluginv2.DataResponse.frames",
                    how: "cells; those behind the last column are dropped", losses: [.cellBeyondHeader],
                    notice: "N cell(s) dropped: row longer than the header")
            ]),
        MessageRules(
            "models.RowValue", .answer, "A cell. In a column of times, a time that does not fit becomes null.",
            losses: [.timestampOutOfRange],
            notice: "N value(s) of column \"NAME\" set to null: timestamp outside the nanosecond range",
            cellFields),
    ]

    private static let cellFields: [FieldRule] = [
        .converted(
            1, "kind", "models.RowValue.Kind", "pluginv2.DataResponse.frames",
            how: "says which field counts; a kind nobody knows makes the refId an error", losses: [.unknownCellKind]),
        .converted(
            2, "doubleValue", "double", "pluginv2.DataResponse.frames",
            how:
                "float64, bit for bit; milliseconds in a column of times; shortest text in a mixed column. null in the JSON of old hosts "
                + "where it is not finite",
            losses: [.nanToNull, .noHome]),
        .converted(
            3, "int64Value", "int64", "pluginv2.DataResponse.frames",
            how: "int64; float64 beside doubles; milliseconds in a column of times; decimal text in a mixed column",
            losses: [.roundedToDouble], notice: "column \"NAME\": integers rounded to double"),
        .converted(
            4, "boolValue", "bool", "pluginv2.DataResponse.frames", how: "bool; true or false as text in a mixed column"),
        .converted(
            5, "stringValue", "string", "pluginv2.DataResponse.frames",
            how: "text; a time in a column of times. U+FFFD stands where bytes are not UTF-8", losses: [.invalidUTF8]),
        .converted(
            6, "bytesValue", "bytes", "pluginv2.DataResponse.frames",
            how:
                "text where the whole column is UTF-8, else base64 (bytes). What bytes: utf8 repairs is entered under stringValue"
        ),
    ]

    /// What the host gets.
    static let queryAnswer: [MessageRules] = [
        MessageRules(
            "pluginv2.QueryDataResponse", .answer, "",
            [
                .converted(
                    1, "responses", "map<string, pluginv2.DataResponse>", "models.DatasourceResponse.results",
                    how: "one for every refId that was asked for, and for those that the plugin sent on top")
            ]),
        MessageRules(
            "pluginv2.DataResponse", .answer, "",
            [
                .converted(
                    1, "frames", "repeated bytes", "models.QueryResult.series",
                    how: "series, then tables, as Arrow files or JSON frames"),
                .converted(
                    2, "error", "string", "models.QueryResult.error",
                    how: "the plugin's text; or that of its gRPC error; or of the gateway, where the answer cannot be used"),
                .carried(
                    3, "jsonMeta", "bytes", "models.QueryResult.metaJson",
                    "the same bytes where they are JSON; hosts of today ignore it"),
                .synthesised(
                    4, "status", "int32",
                    from:
                        "200, or 500 with an error of the result; 400, 401, 403, 404, 413, 501, 503, 504 or 500 from the code of a gRPC error"
                ),
                .synthesised(
                    5, "errorSource", "string", from: "downstream for an error of the result, plugin for every other error"),
                .synthesised(
                    6, "format", "pluginv2.DataFrameFormat", from: "the format that the host asked for (arrow_on_json_request)"),
            ]),
        MessageRules(
            "pluginv2.QueryChunkedDataResponse", .answer,
            "The frames of a QueryData answer, one or more chunks each; an error is a last chunk.",
            [
                .converted(1, "refId", "string", "models.QueryResult.refId", how: "as in QueryDataResponse"),
                .synthesised(2, "frameId", "string", from: "the frame's place in its refId, in decimal"),
                .converted(
                    3, "frame", "bytes", "models.QueryResult.series",
                    how: "rows of a frame: in Arrow a file each time, in JSON the schema in the first chunk only"),
                .converted(4, "error", "string", "models.QueryResult.error", how: "as in DataResponse"),
                .synthesised(5, "status", "int32", from: "as in DataResponse"),
                .synthesised(6, "errorSource", "string", from: "as in DataResponse"),
                .synthesised(7, "format", "pluginv2.DataFrameFormat", from: "as in DataResponse"),
            ]),
    ]
}
