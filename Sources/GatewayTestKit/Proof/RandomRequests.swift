package import PluginProtocolV2
internal import SwiftProtobuf

/// Random messages of a host.
extension RandomMessages {
    package mutating func context() -> Pluginv2_PluginContext {
        var context = Pluginv2_PluginContext()
        context.orgID = chance(3) ? 0 : integer()
        context.pluginID = text()
        if chance(2) {
            context.user.login = text()
            context.user.name = text()
            context.user.email = text()
            context.user.role = pick(["", "Admin", "Viewer"])
        }
        if chance(4) {
            context.appInstanceSettings.jsonData = .init(json())
            context.appInstanceSettings.decryptedSecureJsonData = texts()
            context.appInstanceSettings.lastUpdatedMs = chance(2) ? 0 : integer()
            context.appInstanceSettings.apiVersion = text()
        }
        if !chance(12) { context.dataSourceInstanceSettings = dataSource() }
        if chance(2) { context.grafanaConfig = texts() }
        context.pluginVersion = chance(2) ? "" : text()
        context.userAgent = chance(2) ? "" : text()
        context.apiVersion = chance(2) ? "" : text()
        context.namespace = pick([
            "", "default", "org-7", "org-0", "org--1", "org-x", "stacks-5", "stacks-", "stacks-x", "other",
            "org-99999999999999999999",
            text(),
        ])
        return context
    }

    package mutating func dataSource() -> Pluginv2_DataSourceInstanceSettings {
        var settings = Pluginv2_DataSourceInstanceSettings()
        settings.id = chance(4) ? 0 : integer()
        settings.name = text()
        settings.url = chance(2) ? "http://127.0.0.1:9090/é?a=1" : text()
        settings.user = chance(2) ? "" : text()
        settings.database = chance(2) ? "" : text()
        settings.basicAuthEnabled = chance(2)
        settings.basicAuthUser = chance(2) ? "" : text()
        settings.jsonData = .init(json())
        settings.decryptedSecureJsonData = texts()
        settings.lastUpdatedMs = chance(2) ? 0 : integer()
        settings.uid = text()
        settings.apiVersion = chance(2) ? "" : text()
        return settings
    }

    package mutating func queryDataRequest() -> Pluginv2_QueryDataRequest {
        var request = Pluginv2_QueryDataRequest()
        if !chance(30) { request.pluginContext = context() }
        if chance(2) { request.headers = headers() }
        let refIDs = ["A", "B", "C", "A", "é", "e\u{301}", "", text()]
        for _ in 0..<number(below: 6) {
            var query = Pluginv2_DataQuery()
            query.refID = pick(refIDs)
            query.maxDataPoints = integer()
            query.intervalMs = integer()
            if !chance(8) {
                query.timeRange.fromEpochMs = pick([1_568_039_445_000, 0, -5, .min, 1])
                query.timeRange.toEpochMs = pick([1_568_043_045_000, 0, 2, .max])
            }
            query.json = .init(json())
            query.queryType = chance(2) ? "" : text()
            request.queries.append(query)
        }
        request.format = pick([.arrow, .json, .arrow, .json, .UNRECOGNIZED(7), .UNRECOGNIZED(-1)])
        return request
    }

    package mutating func renderRequest() -> Pluginextensionv2_RenderRequest {
        var request = Pluginextensionv2_RenderRequest()
        request.url = chance(4) ? text() : "http://localhost:3000/d/x?é=1"
        request.width = pick([0, 1, 1000, -1, .max, .min])
        request.height = chance(8) ? pick([0, -1, .min]) : pick([1, 500, .max])
        request.deviceScaleFactor = pick([0, 1, 2, -1, .nan, 0.5])
        request.filePath = text()
        request.renderKey = text()
        request.domain = text()
        request.timeout = pick([0, 60, -1, .max, .min])
        request.timezone = text()
        for _ in 0..<number(below: 3) {
            request.headers[text()] = .with { $0.values = chance(2) ? [] : [text(), text()] }
        }
        request.authToken = chance(2) ? "" : text()
        request.encoding = pick(["", "png", "pdf", "PDF", "csv", "Csv", "svg", text()])
        return request
    }

    package mutating func healthRequest() -> Pluginv2_CheckHealthRequest {
        .with {
            if !chance(8) { $0.pluginContext = context() }
            $0.headers = headers()
        }
    }

    private mutating func texts() -> [String: String] {
        var texts: [String: String] = [:]
        for _ in 0..<number(below: 4) { texts[text()] = text() }
        return texts
    }

    private mutating func headers() -> [String: String] {
        var headers: [String: String] = [:]
        for _ in 0..<number(below: 5) {
            headers[pick(["FromAlert", "fromalert", "http_X-A", "X-Bad Name", "te", "grpc-x", "x-bin", "é", "Cookie", text()])] =
                pick([
                    "true", "v", "é", "", "a\u{7f}", "~",
                ])
        }
        return headers
    }

    /// Bytes that should be JSON, and sometimes are.
    package mutating func json() -> [UInt8] {
        var random = RandomJSON(self)
        defer { self = random.random }
        return random.document()
    }
}

/// Documents with the members that mean something to the gateway, in any dress, and documents that are none.
struct RandomJSON {
    var random: RandomMessages

    init(_ random: RandomMessages) {
        self.random = random
    }

    mutating func document() -> [UInt8] {
        switch random.number(below: 16) {
        case 0: return []
        case 1: return Array("null".utf8)
        case 2:
            return Array(
                random.pick(["[1]", "{bad", "1", "\"x\"", "{}", " { } ", "{} x", "\u{FEFF}{}", "{\"a\":1,}", "[", "01"]).utf8)
        case 3: return [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]
        default:
            var bytes = Array(object(depth: 0).utf8)
            if random.chance(20) { bytes[random.number(below: bytes.count)] = UInt8(random.number(below: 256)) }
            return bytes
        }
    }

    private mutating func object(depth: Int) -> String {
        let names = [
            "datasource", "refId", "intervalMs", "maxDataPoints", "datasourceId", "queryType", "__gateway", "expr", "é",
            "e\u{301}",
            "d\\u0061tasource", "ref\\u0049d", "\\ud83d\\ude00", "\\ud83d", "",
        ]
        let members = (0..<random.number(below: 6)).map { _ in
            "\(space())\"\(random.pick(names))\"\(space()):\(space())\(value(depth: depth + 1))\(space())"
        }
        return "\(space()){\(members.joined(separator: ","))\(members.isEmpty ? space() : "")}\(space())"
    }

    private mutating func value(depth: Int) -> String {
        switch random.number(below: depth > 3 ? 6 : 9) {
        case 0: return random.pick(["0", "-0", "12345678901234567890", "1e400", "1E-5", "-1.25", "0.1e+3"])
        case 1: return random.pick(["true", "false", "null"])
        case 2: return random.pick(["\"\"", "\"a\\n\\u00e9\"", "\"\\\\\\\"\"", "\"e\u{301}\"", "\"\\ud800\""])
        case 3: return "{}"
        case 4: return "[]"
        case 5: return "\"Prometheus\""
        case 6: return "[\(space())\(value(depth: depth + 1)),\(value(depth: depth + 1))]"
        case 7: return #"{"type":"prometheus","uid":"u"}"#
        default: return object(depth: depth)
        }
    }

    private mutating func space() -> String { random.chance(6) ? random.pick([" ", "\n", "\t", "  \r\n"]) : "" }
}
