internal import Foundation

extension Explanation {
    /// One document of several explanations: the text of docs/compatibility.md.
    package static func markdown(_ explanations: [Explanation]) -> String {
        var lines = [
            "# Compatibility, field by field", "",
            "What becomes of every method, message and field of the plugin protocol. Printed by `plugin-gateway explain --format markdown`: "
                + "change the rules in `Sources/Translation/Rules/`, then run `.ci/documents.sh write`.",
            "",
        ]
        lines += explanations.flatMap(\.markdownLines)
        return lines.joined(separator: "\n")
    }

    private var markdownLines: [String] {
        var lines = ["## \(reason)", "", mode == "relayed" ? Self.relayed : Self.legend, ""]
        lines += Self.table(
            ["fields", "requests", "answers"], counts.map { [$0.rule, String($0.requests), String($0.answers)] })
        lines += ["### Methods", ""]
        lines += Self.table(
            ["method", "", "in front of the plugin"], methods.map { ["`\($0.name)`", $0.handling, Self.escaped($0.text)] })
        for message in messages { lines += Self.lines(message) }
        lines += ["### Enumerations", ""]
        lines += Self.table(
            ["enumeration", "number", "value", "what it means"],
            enumerations.flatMap { enumeration in
                enumeration.values.map { ["`\(enumeration.name)`", "\($0.number)", "`\($0.name)`", Self.escaped($0.text)] }
            })
        lines += ["### Causes of losses", ""]
        lines += Self.table(
            ["cause", "what happens", "so that nothing is lost"],
            causes.map { ["`\($0.name)`", Self.escaped($0.meaning), Self.escaped($0.remedy)] })
        return lines
    }

    private static let legend = """
        *carried*: the same value stands in a field of the other version. *converted*: the other version says it differently. *synthesised*: \
        made by the gateway. *lost*: does not arrive. *not applicable*: part of a method that the plugin's version lacks.
        """

    private static func lines(_ message: Message) -> [String] {
        var lines = ["### `\(message.name)` (\(message.direction))", ""]
        var remarks = message.text.isEmpty ? [] : [escaped(message.text)]
        if !message.losses.isEmpty { remarks.append("May lose: \(codes(message.losses)).") }
        if let notice = message.notice { remarks.append("Notice on the frame: “\(escaped(notice))”.") }
        if !remarks.isEmpty { lines += [remarks.joined(separator: " "), ""] }
        guard !message.fields.isEmpty else { return lines + ["No fields.", ""] }
        return lines + table(["#", "field", "type", "rule", "what happens", "may lose"], message.fields.map(row))
    }

    private static func row(_ field: Field) -> [String] {
        var text = field.counterpart.map { "→ `\($0)`" } ?? ""
        if !field.text.isEmpty { text += (text.isEmpty ? "" : ": ") + escaped(field.text) }
        if let remedy = field.remedy { text += ". *What helps:* \(escaped(remedy))" }
        if let notice = field.notice { text += ". *Notice on the frame:* “\(escaped(notice))”" }
        return ["\(field.number)", "`\(field.name)`", "`\(field.type)`", field.rule, text, codes(field.losses)]
    }

    private static func codes(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

    private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        let lines = [head, head.map { _ in "---" }] + rows
        return lines.map { "| \($0.joined(separator: " | ")) |" } + [""]
    }

    /// Nothing of the rules' texts shall look like markup.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "\\|<>*".contains(character) || character == "_" && result.hasSuffix("_") { result.append("\\") }
            result.append(character)
        }
    }
}

extension Explanation {
    /// A JSON array of explanations, with sorted keys.
    package static func json(_ explanations: [Explanation]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(explanations)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
