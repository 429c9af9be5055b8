import DataFrames
import GatewayTestKit
import PluginProtocolV1
import SwiftProtobuf
import Testing
import Translation

extension Proofs {
    @Suite("The JSON of old hosts against generated messages") struct Legacy {
        @Test("Random answers, in every dress that the encoding allows", arguments: proofParts)
        func random(_ part: Int) {
            prove("answers in the JSON of old hosts", part: part, of: 5000) { random in
                var exchange = Exchange(&random, format: 1)
                exchange.dress { bytes, random in
                    var rewriting = WireRewriting(random, rarity: 20)
                    return rewriting.rewrite(bytes, as: Exchange.replyName)
                }
                guard let plan = exchange.plan, plan.immediate == nil, !exchange.options.losses.canRefuse else { return }
                var ledger = LossLedger()
                let reply = LegacyQuery.reply(to: plan, exchange.given, ledger: &ledger)
                var expected = LegacyReference()
                expected.take(exchange.reference())
                try Agreement.same(reply.code, expected.code, "code")
                try LegacyReference.same(JSONText(validating: reply.body), expected.body)
                try Agreement.ledgers(ledger, expected.losses)
            }
        }

        @Test("Damaged answers: JSON in any case", arguments: proofParts)
        func damaged(_ part: Int) {
            prove("answers in the JSON of old hosts damaged", part: part, of: 5000) { random in
                var exchange = Exchange(&random, format: 1)
                exchange.dress { bytes, random in
                    var damage = WireDamage(random)
                    return damage.damage(bytes, as: Exchange.replyName, other: bytes)
                }
                guard let plan = exchange.plan, plan.immediate == nil else { return }
                var ledger = LossLedger()
                let reply = LegacyQuery.reply(to: plan, exchange.given, ledger: &ledger)
                guard [200, 400, 413, 501, 503].contains(reply.code), try JSONText(validating: reply.body).members != nil else {
                    throw Mismatch("no answer of an old host: \(reply.code)")
                }
            }
        }
    }
}

/// What an old host gave to the browser, made of generated messages.
private struct LegacyReference {
    private(set) var code = 200
    private(set) var losses = LossLedger()
    private var results: [(refID: WireText, json: JSONText)] = []
    private var firstError: String?
    private var whole: JSONText?

    var body: JSONText {
        if let whole { return whole }
        var members = [("results", JSONText(object: results.map { JSONMember(key: $0.refID.string, value: $0.json) }))]
        if let firstError { members.append(("message", JSONText(string: firstError))) }
        return Self.object(members)
    }

    mutating func take(_ calls: [(refIDs: [String], outcome: ReferenceOutcome)]) {
        if let (code, message) = Self.failureOfAll(calls.map(\.outcome)) {
            self.code = code
            whole = Self.object([("message", JSONText(string: message))])
            return
        }
        for call in calls {
            guard case .reply(let reply) = call.outcome else {
                let failure = ReferenceTranslator.failure(call.outcome, &losses)
                for refID in call.refIDs { set(WireText(refID), Self.result(refID, error: failure), failure) }
                continue
            }
            losses.add(reply.side)
            losses.addUnknownFields(of: reply.content, named: "models.DatasourceResponse")
            for result in reply.content.results {
                let refID = WireText(result.refID)
                losses.add("models.QueryResult.refId", .duplicateRefID, count: results.contains { $0.refID == refID } ? 1 : 0)
                let (json, error) = self.result(result)
                set(refID, json, error)
            }
        }
    }

    private static func failureOfAll(_ outcomes: [ReferenceOutcome]) -> (Int, String)? {
        guard case .failure(let code, let message)? = outcomes.first, let status = [14: 503, 8: 413, 12: 501][code] else {
            return nil
        }
        for outcome in outcomes {
            guard case .failure(code, _) = outcome else { return nil }
        }
        return (status, message)
    }

    private mutating func set(_ refID: WireText, _ json: JSONText, _ error: String) {
        if !error.isEmpty {
            firstError = firstError ?? error
            code = 400
        }
        if let place = results.firstIndex(where: { $0.refID == refID }) {
            results[place].json = json
        } else {
            results.append((refID, json))
        }
    }

    // MARK: Documents

    private static func object(_ members: [(String, JSONText)]) -> JSONText {
        JSONText(object: members.map { JSONMember(key: $0.0, value: $0.1) })
    }

    private static func result(
        _ refID: String, error: String, meta: JSONText? = nil, series: [JSONText] = [], tables: [JSONText] = []
    ) -> JSONText {
        var members: [(String, JSONText)] = error.isEmpty ? [] : [("error", JSONText(string: error))]
        members.append(("refId", JSONText(string: refID)))
        if let meta { members.append(("meta", meta)) }
        return object(members + [("series", JSONText(array: series)), ("tables", JSONText(array: tables))])
    }

    private mutating func result(_ result: Models_QueryResult) -> (JSONText, error: String) {
        losses.addUnknownFields(of: result, named: "models.QueryResult")
        let meta = result.metaJson.isEmpty ? nil : try? JSONText(validating: Array(result.metaJson.utf8))
        if meta == nil, !result.metaJson.isEmpty { losses.add("models.QueryResult.metaJson", .unusableJSON) }
        let series = result.series.map { self.series($0) }
        var unknown: Int?
        let tables = result.tables.map { self.table($0, &unknown) }
        let reason = unknown.map { "unsupported row value kind \($0)" }
        let error = [result.error, reason ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
        let json = Self.result(result.refID, error: error, meta: meta, series: series, tables: reason == nil ? tables : [])
        return (json, error)
    }

    private mutating func series(_ series: Models_TimeSeries) -> JSONText {
        losses.addUnknownFields(of: series, named: "models.TimeSeries")
        let points = series.points.map { point in
            losses.addUnknownFields(of: point, named: "models.Point")
            return JSONText(array: [number(point.value, "models.Point.value"), JSONText(integer: point.timestamp)])
        }
        var members = [("name", JSONText(string: series.name)), ("points", JSONText(array: points))]
        let tags = Labels(series.tags.map { (key: ExactKey.text($0.key), value: $0.value) })
        if !tags.isEmpty { members.append(("tags", Self.object(tags.map { ($0.key, JSONText(string: $0.value)) }))) }
        return Self.object(members)
    }

    private mutating func number(_ value: Double, _ path: LossPath) -> JSONText {
        if !value.isFinite { losses.add(path, .noHome) }
        return value.isFinite ? (try? JSONText(validating: Array("\(value)".utf8))) ?? .null : .null
    }

    private mutating func table(_ table: Models_Table, _ unknown: inout Int?) -> JSONText {
        losses.addUnknownFields(of: table, named: "models.Table")
        let columns = table.columns.map { column in
            losses.addUnknownFields(of: column, named: "models.TableColumn")
            return Self.object([("text", JSONText(string: column.name))])
        }
        var rows: [JSONText] = []
        for row in table.rows {
            losses.addUnknownFields(of: row, named: "models.TableRow")
            var cells: [JSONText] = []
            for value in row.values { cells.append(cell(value, &unknown)) }
            rows.append(JSONText(array: cells))
        }
        return Self.object([("columns", JSONText(array: columns)), ("rows", JSONText(array: rows))])
    }

    private mutating func cell(_ cell: Models_RowValue, _ unknown: inout Int?) -> JSONText {
        losses.addUnknownFields(of: cell, named: "models.RowValue")
        switch cell.kind {
        case .typeNull: return .null
        case .typeDouble: return number(cell.doubleValue, "models.RowValue.doubleValue")
        case .typeInt64: return JSONText(integer: cell.int64Value)
        case .typeBool: return (try? JSONText(validating: Array("\(cell.boolValue)".utf8))) ?? .null
        case .typeString: return JSONText(string: cell.stringValue)
        case .typeBytes: return JSONText(string: cell.bytesValue.base64EncodedString())
        case .UNRECOGNIZED(let number):
            losses.add("models.RowValue.kind", .unknownCellKind)
            unknown = unknown ?? number
            return .null
        }
    }

    // MARK: Comparison

    /// Equality of what documents say: members in order, text by its bytes, numbers by their value.
    static func same(_ seen: JSONText, _ expected: JSONText, _ path: String = "$") throws {
        if seen.bytes == expected.bytes { return }
        if let left = seen.members, let right = expected.members {
            try Agreement.same(left.map { WireText($0.key) }, right.map { WireText($0.key) }, "members of \(path)")
            for (left, right) in zip(left, right) { try same(left.value, right.value, "\(path).\(left.key)") }
        } else if let left = seen.elements, let right = expected.elements {
            try Agreement.same(left.count, right.count, "elements of \(path)")
            for (place, pair) in zip(left, right).enumerated() { try same(pair.0, pair.1, "\(path)[\(place)]") }
        } else if let left = seen.string, let right = expected.string {
            try Agreement.text(left, right, path)
        } else {
            guard let left = Double(seen.description), let right = Double(expected.description),
                left.bitPattern == right.bitPattern,
                seen.integer == nil || expected.integer == nil || seen.integer == expected.integer
            else { throw Mismatch("\(path): \(seen), expected \(expected)") }
        }
    }
}
