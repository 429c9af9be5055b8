package import DataFrames

/// A worked example of the response rules: one v1 result, and what the host must see.
package struct TranslationCase: Sendable {
    package var number: Int
    package var name: String
    package var input: CaseInput
    package var expected: CaseExpectation

    package init(_ number: Int, _ name: String, _ input: CaseInput, _ expected: CaseExpectation) {
        self.number = number
        self.name = name
        self.input = input
        self.expected = expected
    }
}

extension TranslationCase: CustomStringConvertible {
    package var description: String { "\(number): \(name)" }
}

/// The sixty worked examples of the response rules, as data: they run against the translator, and through a real plugin and host.
package enum CasesOfSectionG {
    package static let all = series + tables + mixed

    // MARK: Building blocks

    /// The frame that one series becomes.
    static func frame(
        _ name: String, labels: [String: String] = [:], times: [Int64], _ values: [Double], meta: CaseMeta? = .series
    ) -> CaseFrame {
        CaseFrame(
            name, meta: meta,
            [
                CaseField("Time", "time", nullable: false, times.map { .time($0 * 1_000_000) }),
                CaseField("Value", "float64", labels: labels, displayName: name.isEmpty ? nil : name, values.map { .double($0) }),
            ])
    }

    static func table(_ fields: [CaseField], notices: [String] = []) -> CaseFrame {
        var meta = CaseMeta.table
        meta.notices = notices
        return CaseFrame(meta: meta, fields)
    }

    static let droppedPoint = "1 data point(s) dropped: timestamp outside the nanosecond range"
    static let droppedCell = "1 cell(s) dropped: row longer than the header"
}

extension CasesOfSectionG {
    /// All cases for judges in other languages: an array of `{number, name, model, expected}`. `model` is the query for the legacy plugin's
    /// scenario `literal`, as text.
    package static var json: JSONText {
        JSONText(
            array: all.map { example in
                JSONText(object: [
                    JSONMember(key: "number", value: JSONText(integer: Int64(example.number))),
                    JSONMember(key: "name", value: JSONText(string: example.name)),
                    JSONMember(key: "model", value: JSONText(string: example.input.literalModel)),
                    JSONMember(key: "expected", value: example.expected.json),
                ])
            })
    }
}
