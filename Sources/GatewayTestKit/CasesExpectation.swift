package import DataFrames

/// A cell in a form that every judge can print: Swift, Python and Go agree on it.
///
/// As JSON: times are integer nanoseconds; NaN, infinities and −0 are the strings `NaN`, `+Inf`, `-Inf`, `-0`.
package enum CaseValue: Sendable, Equatable {
    case null
    case time(Int64)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case string(String)

    package var json: JSONText {
        switch self {
        case .null: .null
        case .time(let value), .int(let value): JSONText(integer: value)
        case .string(let value): JSONText(string: value)
        case .bool(let value): Self.token(value ? "true" : "false")
        case .double(let value) where value.isNaN: JSONText(string: "NaN")
        case .double(let value) where value.isInfinite: JSONText(string: value < 0 ? "-Inf" : "+Inf")
        case .double(let value) where value == 0 && value.sign == .minus: JSONText(string: "-0")
        case .double(let value): Self.token("\(value)")
        }
    }

    private static func token(_ text: String) -> JSONText {
        (try? JSONText(validating: Array(text.utf8))) ?? .null
    }

    /// NaN equals NaN here, and 0 differs from −0; a time differs from a number.
    package static func == (left: CaseValue, right: CaseValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.time(let left), .time(let right)), (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern || left.isNaN && right.isNaN
        case (.bool(let left), .bool(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        default: false
        }
    }
}

package struct CaseField: Sendable, Equatable {
    package var name: String
    /// `time`, `float64`, `int64`, `bool` or `string`.
    package var type: String
    package var nullable: Bool
    package var labels: [String: String]
    /// `config.displayNameFromDS`.
    package var displayName: String?
    package var values: [CaseValue]

    package init(
        _ name: String, _ type: String, nullable: Bool = true, labels: [String: String] = [:], displayName: String? = nil,
        _ values: [CaseValue]
    ) {
        self.name = name
        self.type = type
        self.nullable = nullable
        self.labels = labels
        self.displayName = displayName
        self.values = values
    }

    package var json: JSONText {
        let labels = labels.sorted { $0.key < $1.key }.map { JSONMember(key: $0.key, value: JSONText(string: $0.value)) }
        return JSONText(object: [
            JSONMember(key: "name", value: JSONText(string: name)),
            JSONMember(key: "type", value: JSONText(string: type)),
            JSONMember(key: "nullable", value: CaseValue.bool(nullable).json),
            JSONMember(key: "labels", value: JSONText(object: labels)),
            JSONMember(key: "displayName", value: displayName.map { JSONText(string: $0) } ?? .null),
            JSONMember(key: "values", value: JSONText(array: values.map(\.json))),
        ])
    }
}

/// Frame metadata; `typeVersion` is only there together with `type`. Notices are always warnings here.
package struct CaseMeta: Sendable, Equatable {
    package var type: String?
    package var preferredVisualisationType: String?
    package var executedQueryString: String?
    /// JSON with sorted keys.
    package var custom: String?
    package var notices: [String]

    package init(
        type: String? = nil, preferredVisualisationType: String? = nil, executedQueryString: String? = nil, custom: String? = nil,
        notices: [String] = []
    ) {
        self.type = type
        self.preferredVisualisationType = preferredVisualisationType
        self.executedQueryString = executedQueryString
        self.custom = custom
        self.notices = notices
    }

    package static let series = CaseMeta(type: "timeseries-multi")
    package static let table = CaseMeta(preferredVisualisationType: "table")

    package var json: JSONText {
        var members: [JSONMember] = []
        if let type {
            members.append(JSONMember(key: "type", value: JSONText(string: type)))
            members.append(JSONMember(key: "typeVersion", value: JSONText(array: [JSONText(integer: 0), JSONText(integer: 1)])))
        }
        if let custom, let text = try? JSONText(validating: Array(custom.utf8)) {
            members.append(JSONMember(key: "custom", value: text))
        }
        if !notices.isEmpty {
            let list = notices.map { text in
                JSONText(object: [
                    JSONMember(key: "severity", value: JSONText(string: "warning")),
                    JSONMember(key: "text", value: JSONText(string: text)),
                ])
            }
            members.append(JSONMember(key: "notices", value: JSONText(array: list)))
        }
        if let text = preferredVisualisationType {
            members.append(JSONMember(key: "preferredVisualisationType", value: JSONText(string: text)))
        }
        if let executedQueryString {
            members.append(JSONMember(key: "executedQueryString", value: JSONText(string: executedQueryString)))
        }
        return members.isEmpty ? .null : JSONText(object: members)
    }
}

package struct CaseFrame: Sendable, Equatable {
    package var name: String
    package var meta: CaseMeta?
    package var fields: [CaseField]

    package init(_ name: String = "", meta: CaseMeta? = nil, _ fields: [CaseField]) {
        self.name = name
        self.meta = meta
        self.fields = fields
    }

    package var json: JSONText {
        JSONText(object: [
            JSONMember(key: "name", value: JSONText(string: name)),
            JSONMember(key: "fields", value: JSONText(array: fields.map(\.json))),
            JSONMember(key: "meta", value: meta?.json ?? .null),
        ])
    }
}

/// What a host must see under one refId.
package struct CaseExpectation: Sendable, Equatable {
    package var status: Int
    package var error: String
    package var errorSource: String
    /// `DataResponse.jsonMeta`, byte for byte.
    package var jsonMeta: String
    package var frames: [CaseFrame]

    package init(
        status: Int = 200, error: String = "", errorSource: String = "", jsonMeta: String = "", _ frames: [CaseFrame] = []
    ) {
        self.status = status
        self.error = error
        self.errorSource = errorSource
        self.jsonMeta = jsonMeta
        self.frames = frames
    }

    /// For judges in other languages.
    package var json: JSONText {
        JSONText(object: [
            JSONMember(key: "status", value: JSONText(integer: Int64(status))),
            JSONMember(key: "error", value: JSONText(string: error)),
            JSONMember(key: "errorSource", value: JSONText(string: errorSource)),
            JSONMember(key: "jsonMeta", value: JSONText(string: jsonMeta)),
            JSONMember(key: "frames", value: JSONText(array: frames.map(\.json))),
        ])
    }
}
