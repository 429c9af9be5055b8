/// A frame as a table for people at a terminal.
///
/// Frames come from plugins and data sources, so nothing in them may drive the terminal: control characters, direction
/// overrides and invisible characters are shown as `\u{…}`. Rows, fields and cells are cut to a size that can be read.
package enum FrameTable {
    /// More fields than this are named in one line only.
    static let maximumFields = 24
    static let maximumCellWidth = 40
    static let maximumNotices = 8

    /// - Parameter maxRows: how many rows are shown; the last line tells how many there are.
    package static func render(_ frame: Frame, maxRows: Int) -> String {
        var lines = [title(frame)]
        for notice in frame.meta?.notices.prefix(maximumNotices) ?? [] {
            lines.append("\(notice.severity.rawValue): \(TerminalText(notice.text, width: 160).text)")
        }
        let rows = max(0, min(maxRows, frame.rowCount))
        let fields = frame.fields.prefix(maximumFields)
        let columns = fields.map { TableColumn($0, rows: rows) }
        let headerLines = columns.map(\.header.count).max() ?? 0
        for line in 0..<headerLines { lines.append(join(columns) { $0.headerLine(line) }) }
        if !columns.isEmpty { lines.append(join(columns) { String(repeating: "─", count: $0.width) }) }
        for row in 0..<rows { lines.append(join(columns) { $0.aligned($0.cells[row]) }) }
        lines.append(summary(frame, shownRows: rows))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func title(_ frame: Frame) -> String {
        var title = frame.name.isEmpty ? "(unnamed frame)" : TerminalText(frame.name, width: 80).text
        var notes: [String] = []
        if !frame.refID.isEmpty { notes.append("refId \(TerminalText(frame.refID, width: maximumCellWidth).text)") }
        if let type = frame.meta?.type, let version = frame.meta?.typeVersion {
            notes.append("\(TerminalText(type, width: maximumCellWidth).text) \(version.major).\(version.minor)")
        }
        if !notes.isEmpty { title += "  (" + notes.joined(separator: ", ") + ")" }
        return title
    }

    private static func summary(_ frame: Frame, shownRows: Int) -> String {
        let rows = frame.rowCount
        var summary = rows == 1 ? "1 row" : "\(rows) rows"
        if shownRows < rows { summary += ", \(shownRows) shown" }
        if frame.fields.count > maximumFields { summary += "; \(frame.fields.count - maximumFields) more fields not shown" }
        return summary
    }

    private static func join(_ columns: [TableColumn], _ cell: (TableColumn) -> String) -> String {
        var line = columns.map(cell).joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }
}

/// One field with its header and the cells that are shown, already cut and escaped.
private struct TableColumn {
    let header: [TerminalText]
    let cells: [TerminalText]
    let width: Int
    private let isNumeric: Bool

    init(_ field: Field, rows: Int) {
        let limit = FrameTable.maximumCellWidth
        let kind = field.column.kind
        isNumeric = kind.byteWidth > 0 && kind != .timestamp
        var header = [
            TerminalText(field.name.isEmpty ? "(no name)" : field.name, width: limit),
            TerminalText(kind.rawValue + (field.nullable ? "?" : ""), width: limit),
        ]
        if let labels = field.labels, !labels.isEmpty {
            let text = labels.prefix(16).map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
            header.append(TerminalText(text, width: limit))
        }
        let width = limit
        cells = (0..<min(rows, field.column.count)).map { TerminalText(field.column.text(at: $0, limit: width), width: width) }
        self.header = header
        self.width = (header + cells).map(\.width).max() ?? 0
    }

    func headerLine(_ line: Int) -> String {
        line < header.count ? aligned(header[line]) : String(repeating: " ", count: width)
    }

    func aligned(_ cell: TerminalText) -> String {
        let padding = String(repeating: " ", count: max(0, width - cell.width))
        return isNumeric ? padding + cell.text : cell.text + padding
    }
}

extension Column {
    /// A cell for people. Of long texts only a beginning is decoded.
    fileprivate func text(at row: Int, limit: Int) -> String {
        guard validity.isValid(row) else { return "null" }
        switch self {
        case .timestamp(let column): return RFC3339.text(nanoseconds: column.values[row])
        case .int8(let column): return String(column.values[row])
        case .int16(let column): return String(column.values[row])
        case .int32(let column): return String(column.values[row])
        case .int64(let column): return String(column.values[row])
        case .uint8(let column): return String(column.values[row])
        case .uint16(let column), .enumeration(let column): return String(column.values[row])
        case .uint32(let column): return String(column.values[row])
        case .uint64(let column): return String(column.values[row])
        case .float32(let column): return JSONNumber.text(column.values[row])
        case .float64(let column): return JSONNumber.text(column.values[row])
        case .bool(let column): return column[row] == true ? "true" : "false"
        case .utf8(let column), .json(let column):
            return String(decoding: column.bytes(at: row).prefix(limit * 16), as: UTF8.self)
        }
    }
}
