package import DataFrames
internal import Foundation
package import PluginProtocolV2

extension CaseExpectation {
    /// The normalised form of what a host received; its frames are read by our own readers.
    package init(_ response: Pluginv2_DataResponse) throws {
        self.init(
            status: Int(response.status), error: response.error, errorSource: response.errorSource,
            jsonMeta: String(decoding: response.jsonMeta, as: UTF8.self),
            try response.frames.map { bytes in
                CaseFrame(response.format == .json ? try JSONFrame.read(Array(bytes)) : try ArrowFile.read(Array(bytes)))
            })
    }
}

extension CaseFrame {
    package init(_ frame: Frame) {
        self.init(frame.name, meta: frame.meta.map { CaseMeta($0) }, frame.fields.map { CaseField($0) })
    }
}

extension CaseMeta {
    package init(_ meta: FrameMeta) {
        self.init(
            type: meta.type, preferredVisualisationType: meta.preferredVisualisationType,
            executedQueryString: meta.executedQueryString, custom: meta.custom.map { Self.sorted($0) },
            notices: meta.notices.map { $0.severity == .warning ? $0.text : "\($0.severity.rawValue): \($0.text)" })
    }

    private static func sorted(_ text: JSONText) -> String {
        guard let value = try? JSONSerialization.jsonObject(with: Data(text.bytes), options: .fragmentsAllowed),
            let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
        else { return text.description }
        return String(decoding: data, as: UTF8.self)
    }
}

extension CaseField {
    package init(_ field: Field) {
        let labels = (field.labels ?? Labels()).map { ($0.key, $0.value) }
        let (type, values) = Self.values(field.column)
        self.init(
            field.name, type, nullable: field.nullable, labels: Dictionary(labels) { $1 },
            displayName: field.config?.displayNameFromDS, values)
    }

    private static func values(_ column: Column) -> (String, [CaseValue]) {
        func list<Value>(_ count: Int, _ cell: (Int) -> Value?, _ wrap: (Value) -> CaseValue) -> [CaseValue] {
            (0..<count).map { cell($0).map(wrap) ?? .null }
        }
        switch column {
        case .timestamp(let cells): return ("time", list(cells.count, { cells[$0] }, CaseValue.time))
        case .int64(let cells): return ("int64", list(cells.count, { cells[$0] }, CaseValue.int))
        case .float64(let cells): return ("float64", list(cells.count, { cells[$0] }, CaseValue.double))
        case .bool(let cells): return ("bool", list(cells.count, { cells[$0] }, CaseValue.bool))
        case .utf8(let cells): return ("string", list(cells.count, { cells[$0] }, CaseValue.string))
        default: return ("unexpected", [])
        }
    }
}
