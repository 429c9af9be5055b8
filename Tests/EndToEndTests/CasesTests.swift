import Foundation
import GatewayTestKit
import Testing

extension EndToEnd {
    /// The worked examples of the translation, through the real plugin and the real host, read by independent judges.
    @Suite(.serialized) struct Cases {
        @Test func `the sixty response cases arrive as specified, in Arrow and in JSON`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let judge = try FrameJudge()
            var arrow = 0, json = 0
            for format in [0, 1] {
                for example in CasesOfSectionG.all {
                    let model = try JSON.object(example.input.literalModel)
                    let answer = try rig.host.query(["A": model], format: format)
                    #expect(answer["ok"] as? Bool == true, "case \(example): \(answer)")
                    let response = try #require(try Responses(answer)["A"], "case \(example)")
                    #expect(response.status == example.expected.status, "case \(example)")
                    #expect(response.error == example.expected.error, "case \(example)")
                    #expect(response.errorSource == example.expected.errorSource, "case \(example)")
                    #expect(response.format == (format == 1 ? "JSON" : "ARROW"), "case \(example)")
                    let meta =
                        response.jsonMeta.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
                    #expect(meta == example.expected.jsonMeta, "case \(example)")
                    #expect(response.frames.count == example.expected.frames.count, "case \(example)")
                    for (frame, expected) in zip(response.frames, example.expected.frames) {
                        let verdict = try judge.judge(frame, json: format == 1)
                        #expect(verdict["ok"] as? Bool == true, "case \(example): \(verdict)")
                        let difference = try JudgedFrame.difference(verdict, expected, refID: "A")
                        #expect(difference == nil, "case \(example), format \(format): \(difference ?? "")")
                        if format == 1 { json += 1 } else { arrow += 1 }
                    }
                }
            }
            print(
                "proof: \(CasesOfSectionG.all.count) response cases through the real plugin and host; pyarrow read \(arrow) Arrow files, the JSON judge \(json) documents"
            )
        }
    }
}

/// A gateway with the legacy plugin behind it and a real host in front.
final class LegacyRig {
    static let id = "legacy-datasource"
    let scratch: Scratch
    let gateway: GatewayUnderTest
    let host: HostUnderTest

    init(configuration: String = "", environment: [String: String] = [:]) throws {
        scratch = try Scratch()
        try scratch.install(Self.id, executable: Places.legacyPlugin)
        gateway = try GatewayUnderTest(scratch, configuration: configuration)
        do {
            host = try HostUnderTest(gateway, scratch.executable(of: Self.id), environment: environment)
            guard host.started else { throw HarnessError("the host did not start: \(host.start)\n\(gateway.log)") }
        } catch {
            gateway.stop()
            throw error
        }
    }

    var hostSocket: String {
        get throws {
            guard let socket = try gateway.plugins().first?["hostSocket"] as? String else {
                throw HarnessError("nothing is attached")
            }
            return socket
        }
    }

    var pluginPID: pid_t {
        get throws {
            guard let pid = try gateway.plugins().first?["pid"] as? Int else { throw HarnessError("the plugin has no process") }
            return pid_t(pid)
        }
    }

    func stop() {
        host.stop()
        gateway.stop()
    }
}

/// Compares what a judge read with what a case expects.
enum JudgedFrame {
    static func difference(_ judged: [String: Any], _ expected: CaseFrame, refID: String) throws -> String? {
        let frame = judged["frame"] as? [String: Any] ?? judged
        if frame["name"] as? String ?? "" != expected.name { return "name \(frame["name"] ?? "")" }
        if frame["refId"] as? String ?? "" != refID { return "refId \(frame["refId"] ?? "")" }
        let fields = frame["fields"] as? [[String: Any]] ?? []
        if fields.count != expected.fields.count { return "\(fields.count) fields instead of \(expected.fields.count)" }
        for (field, wanted) in zip(fields, expected.fields) {
            let what = "field \(wanted.name)"
            if field["name"] as? String != wanted.name { return "\(what): name \(field["name"] ?? "")" }
            if field["type"] as? String != wanted.type { return "\(what): type \(field["type"] ?? "")" }
            if field["nullable"] as? Bool ?? false != wanted.nullable { return "\(what): nullable" }
            if field["labels"] as? [String: String] ?? [:] != wanted.labels { return "\(what): labels \(field["labels"] ?? "")" }
            let config = field["config"] as? [String: Any]
            if config?["displayNameFromDS"] as? String != wanted.displayName { return "\(what): config \(config ?? [:])" }
            let values = (field["values"] as? [Any] ?? []).map { canonical($0, isFloat: wanted.type == "float64") }
            let wantedValues = wanted.values.map(canonical)
            if values != wantedValues { return "\(what): \(values) instead of \(wantedValues)" }
        }
        return try metaDifference(frame["meta"], expected.meta)
    }

    private static func metaDifference(_ judged: Any?, _ expected: CaseMeta?) throws -> String? {
        var found = judged as? [String: Any] ?? [:]
        var wanted = try JSON.object(expected.map { "\($0.json)" } ?? "{}")
        // Defaults of the SDK, which stand for absence.
        if found["type"] == nil, (found["typeVersion"] as? [Int]) == [0, 0] { found["typeVersion"] = nil }
        for key in ["notices"] {
            if var notices = found[key] as? [[String: Any]] {
                for index in notices.indices where notices[index]["inspect"] as? Int == 0 { notices[index]["inspect"] = nil }
                found[key] = notices
            }
        }
        if wanted["type"] == nil { wanted["typeVersion"] = nil }
        let (left, right) = (try JSON.text(found), try JSON.text(wanted))
        return left == right ? nil : "meta \(left) instead of \(right)"
    }

    private static func canonical(_ value: Any, isFloat: Bool) -> String {
        switch value {
        case is NSNull: return "null"
        case let text as String: return text == "Infinity" ? "s:+Inf" : text == "-Infinity" ? "s:-Inf" : "s:\(text)"
        case let number as NSNumber:
            if CFGetTypeIDIsBoolean(number) { return number.boolValue ? "true" : "false" }
            let double = number.doubleValue
            if double == 0, double.sign == .minus { return "s:-0" }
            return isFloat ? "\(double)" : number.stringValue
        default: return "\(value)"
        }
    }

    private static func canonical(_ value: CaseValue) -> String {
        switch value {
        case .null: "null"
        case .time(let number), .int(let number): "\(number)"
        case .string(let text): text == "Infinity" ? "s:+Inf" : text == "-Infinity" ? "s:-Inf" : "s:\(text)"
        case .bool(let flag): flag ? "true" : "false"
        case .double(let number):
            number.isNaN
                ? "s:NaN"
                : number.isInfinite
                    ? (number < 0 ? "s:-Inf" : "s:+Inf")
                    : number == 0 && number.sign == .minus ? "s:-0" : "\(number)"
        }
    }

    private static func CFGetTypeIDIsBoolean(_ number: NSNumber) -> Bool {
        // JSONSerialization makes booleans of a type of their own, whose encoding is that of a C char.
        String(cString: number.objCType) == "c"
    }
}
