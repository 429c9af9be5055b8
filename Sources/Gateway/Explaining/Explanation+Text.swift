extension Explanation {
    /// For a terminal of `width` columns, of which at least a hundred are needed to stay within it.
    package func terminalText(width: Int = 120) -> String {
        var lines = [reason] + Self.wrapped(mode == "relayed" ? Self.relayed : Self.translated, width: width) + [""]
        lines += Self.table(
            [["fields", "requests", "answers"]] + counts.map { [$0.rule, String($0.requests), String($0.answers)] }, width: width)
        lines += ["", "METHODS"]
        lines += Self.table(methods.map { [$0.name, $0.handling, $0.text] }, width: width)
        for message in messages {
            lines += ["", "\(message.name) (\(message.direction))"]
            let remarks = [message.text, Self.losses(message.losses), Self.notice(message.notice)].filter { !$0.isEmpty }
            for remark in remarks { lines += Self.wrapped(remark, width: width - 2).map { "  \($0)" } }
            lines += Self.table(message.fields.map(Self.row), width: width)
        }
        lines += ["", "ENUMERATIONS"]
        for enumeration in enumerations {
            lines += Self.table(enumeration.values.map { ["\(enumeration.name) \($0.number)", $0.name, $0.text] }, width: width)
        }
        lines += ["", "CAUSES OF LOSSES"]
        lines += Self.table(causes.map { [$0.name, "\($0.meaning); \($0.remedy)"] }, width: width)
        return lines.joined(separator: "\n")
    }

    static let relayed = "Calls pass byte for byte. Only the messages below are ever written again, and only where they say so."
    static let translated =
        "carried: the same value. converted: said differently. synthesised: made by the gateway. lost: does not arrive. "
        + "not applicable: of a method that the plugin's version lacks."

    private static func row(_ field: Field) -> [String] {
        let remarks = [
            field.explanation, field.remedy.map { "what helps: \($0)" } ?? "", losses(field.losses), notice(field.notice),
        ]
        return ["\(field.number)", field.name, field.rule, remarks.filter { !$0.isEmpty }.joined(separator: "; ")]
    }

    private static func losses(_ causes: [String]) -> String {
        causes.isEmpty ? "" : "may lose: \(causes.joined(separator: ", "))"
    }

    private static func notice(_ text: String?) -> String { text.map { "notice on the frame: \($0)" } ?? "" }

    // MARK: Layout

    /// Columns side by side, the last one wrapped.
    private static func table(_ rows: [[String]], width: Int) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<max(0, count - 1)).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        let indent = widths.reduce(2) { $0 + $1 + 2 }
        var lines: [String] = []
        for row in rows {
            var line = "  "
            for (cell, width) in zip(row, widths) { line += cell + String(repeating: " ", count: width - cell.count + 2) }
            let wrapped = wrapped(row.last ?? "", width: max(30, width - indent))
            lines.append(trimmed(line + (wrapped.first ?? "")))
            for rest in wrapped.dropFirst() { lines.append(String(repeating: " ", count: indent) + rest) }
        }
        return lines
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
