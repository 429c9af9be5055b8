internal import DataFrames
internal import Foundation

extension CaseInput {
    /// The query model that makes the legacy plugin's scenario `literal` send this result.
    package var literalModel: String {
        JSONText(object: [
            JSONMember(key: "scenario", value: JSONText(string: "literal")), JSONMember(key: "result", value: literal),
        ]).description
    }

    private var literal: JSONText {
        JSONText(object: [
            JSONMember(key: "refId", value: JSONText(string: refID)),
            JSONMember(key: "error", value: JSONText(string: error)),
            JSONMember(key: "metaJson", value: JSONText(string: metaJSON)),
            JSONMember(key: "series", value: JSONText(array: series.map(\.literal))),
            JSONMember(key: "tables", value: JSONText(array: tables.map(\.literal))),
        ])
    }
}

extension CaseInput.Series {
    fileprivate var literal: JSONText {
        let tags = tags.sorted { $0.key < $1.key }.map { JSONMember(key: $0.key, value: JSONText(string: $0.value)) }
        return JSONText(object: [
            JSONMember(key: "name", value: JSONText(string: name)),
            JSONMember(key: "tags", value: JSONText(object: tags)),
            JSONMember(
                key: "points",
                value: JSONText(array: points.map { JSONText(array: [JSONText(integer: $0.0), CaseValue.double($0.1).json]) })),
        ])
    }
}

extension CaseInput.Table {
    fileprivate var literal: JSONText {
        JSONText(object: [
            JSONMember(key: "columns", value: JSONText(array: columns.map { JSONText(string: $0) })),
            JSONMember(key: "rows", value: JSONText(array: rows.map { JSONText(array: $0.map(\.literal)) })),
        ])
    }
}

extension CaseInput.Cell {
    fileprivate var literal: JSONText {
        switch self {
        case .null: Self.literal(0, nil)
        case .double(let value): Self.literal(1, CaseValue.double(value).json)
        case .int(let value): Self.literal(2, JSONText(integer: value))
        case .bool(let value): Self.literal(3, CaseValue.bool(value).json)
        case .string(let value): Self.literal(4, JSONText(string: value))
        case .bytes(let value): Self.literal(5, JSONText(string: Data(value).base64EncodedString()))
        case .kind(let number): Self.literal(number, nil)
        }
    }

    private static func literal(_ kind: Int, _ value: JSONText?) -> JSONText {
        var members = [JSONMember(key: "kind", value: JSONText(integer: Int64(kind)))]
        if let value { members.append(JSONMember(key: "value", value: value)) }
        return JSONText(object: members)
    }
}
