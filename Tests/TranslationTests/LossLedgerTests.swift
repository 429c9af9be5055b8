import GatewayTestKit
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Testing

@testable import Translation

@Suite("The loss ledger")
struct LossLedgerTests {
    @Test("Entries of one path and cause add up, in the order of first sight")
    func addition() {
        var ledger = LossLedger()
        ledger.add("b", .noHome)
        ledger.add("a", .noHome, count: 2)
        ledger.add("b", .noHome, count: 3)
        ledger.add("b", .invalidUTF8, count: 0)
        var other = LossLedger()
        other.add("a", .noHome)
        ledger.merge(other)
        #expect(ledger.losses == [Loss("b", .noHome, count: 4), Loss("a", .noHome, count: 3)])
    }

    @Test("A peer cannot fill the ledger without end")
    func bounded() {
        var ledger = LossLedger()
        for number in UInt32(1)...10_000 { ledger.add(.unknown(number, in: "m"), .unknownField) }
        ledger.add(.unknown(1, in: "m"), .unknownField)
        #expect(ledger.losses.count == LossLedger.maximumEntries + 1)
        #expect(ledger.count(LossLedger.overflow, .unknownField) == 10_000 - LossLedger.maximumEntries)
        #expect(ledger.count(.unknown(1, in: "m"), .unknownField) == 2)
    }

    private func fullRequest() -> Pluginv2_QueryDataRequest {
        var query = Build.query("A")
        query.queryType = "metrics"
        var request = Build.request([query])
        request.headers = ["FromAlert": "true", "Cookie": "secret"]
        request.pluginContext.user.login = "login"
        request.pluginContext.user.name = "name"
        request.pluginContext.user.email = "mail"
        request.pluginContext.user.role = "Admin"
        request.pluginContext.grafanaConfig = ["a": "1", "b": "2", "c": "3"]
        request.pluginContext.pluginVersion = "1.0.0"
        request.pluginContext.userAgent = "Grafana/12"
        request.pluginContext.apiVersion = "v1"
        request.pluginContext.namespace = "org-1"
        request.pluginContext.appInstanceSettings.jsonData.append(0x7b)
        request.pluginContext.appInstanceSettings.lastUpdatedMs = 1
        request.pluginContext.dataSourceInstanceSettings.uid = "uid"
        request.pluginContext.dataSourceInstanceSettings.user = "user"
        request.pluginContext.dataSourceInstanceSettings.database = "database"
        request.pluginContext.dataSourceInstanceSettings.basicAuthEnabled = true
        request.pluginContext.dataSourceInstanceSettings.basicAuthUser = "basic"
        request.pluginContext.dataSourceInstanceSettings.lastUpdatedMs = 5
        request.pluginContext.dataSourceInstanceSettings.apiVersion = "v0"
        return request
    }

    @Test("Everything of a request that v1 has no field for is entered, and only that")
    func request() throws {
        let planned = try Planned(fullRequest())
        let names = Set(planned.ledger.losses.map(\.path.name))
        #expect(planned.ledger.losses.allSatisfy { $0.cause == .noHome })
        #expect(
            names == [
                "pluginv2.QueryDataRequest.headers", "pluginv2.DataQuery.queryType", "pluginv2.User.login", "pluginv2.User.name",
                "pluginv2.User.email", "pluginv2.User.role", "pluginv2.PluginContext.grafanaConfig",
                "pluginv2.PluginContext.pluginVersion", "pluginv2.PluginContext.userAgent", "pluginv2.PluginContext.apiVersion",
                "pluginv2.PluginContext.namespace", "pluginv2.AppInstanceSettings.jsonData",
                "pluginv2.AppInstanceSettings.lastUpdatedMS", "pluginv2.DataSourceInstanceSettings.uid",
                "pluginv2.DataSourceInstanceSettings.user", "pluginv2.DataSourceInstanceSettings.database",
                "pluginv2.DataSourceInstanceSettings.basicAuthEnabled", "pluginv2.DataSourceInstanceSettings.basicAuthUser",
                "pluginv2.DataSourceInstanceSettings.lastUpdatedMS", "pluginv2.DataSourceInstanceSettings.apiVersion",
            ])
        #expect(planned.ledger.count("pluginv2.PluginContext.grafanaConfig", .noHome) == 3)
        #expect(planned.ledger.count("pluginv2.QueryDataRequest.headers", .noHome) == 2)
    }

    @Test("What travels another way is not lost")
    func otherWays() throws {
        let chosen = options {
            $0.exposeInJSONData = TranslationOptions.ExposedSetting.allCases
            $0.forwardMetadata = [
                "x-grafana-user-login", "x-grafana-user-role", "x-grafana-namespace", "x-grafana-ds-uid", "fromalert",
            ]
        }
        let planned = try Planned(fullRequest(), chosen)
        let names = Set(planned.ledger.losses.map(\.path.name))
        for carried in ["User.login", "User.role", "PluginContext.namespace"] { #expect(!names.contains("pluginv2.\(carried)")) }
        for carried in ["uid", "user", "database", "basicAuthEnabled", "basicAuthUser", "lastUpdatedMS"] {
            #expect(!names.contains("pluginv2.DataSourceInstanceSettings.\(carried)"))
        }
        #expect(planned.ledger.count("pluginv2.QueryDataRequest.headers", .noHome) == 1)
        let metadata = try #require(planned.plan.calls.first?.metadata)
        #expect(
            metadata.map { "\($0.name)=\($0.value)" } == [
                "x-grafana-user-login=login", "x-grafana-user-role=Admin", "x-grafana-namespace=org-1", "x-grafana-ds-uid=uid",
                "fromalert=true",
            ])
        #expect(
            planned.requests.first?.datasource.jsonData
                == #"{"__gateway":{"uid":"uid","user":"user","database":"database","basicAuth":true,"basicAuthUser":"basic","updatedMS":5}}"#
        )
    }

    @Test("A reserved key that the data source uses itself is not overwritten")
    func reservedKey() throws {
        var request = Build.request([Build.query("A")])
        request.pluginContext.dataSourceInstanceSettings.jsonData.append(contentsOf: Array(#"{"__gateway":1}"#.utf8))
        let planned = try Planned(request, options { $0.exposeInJSONData = [.uid] })
        #expect(planned.requests.first?.datasource.jsonData == #"{"__gateway":1}"#)
        #expect(planned.ledger.count("pluginv2.DataSourceInstanceSettings.jsonData", .reservedKeyTaken) == 1)
    }

    @Test("Values that gRPC metadata cannot hold, and reserved names, are entered")
    func metadata() throws {
        var request = Build.request([Build.query("A")])
        request.pluginContext.user.login = "é"
        request.headers = ["grpc-timeout": "1S", "Data-Bin": "x"]
        let planned = try Planned(request, options { $0.forwardMetadata = ["x-grafana-user-login", "grpc-timeout", "data-bin"] })
        #expect(planned.plan.calls.first?.metadata.isEmpty == true)
        #expect(planned.ledger.count("pluginv2.User.login", .notMetadata) == 1)
        #expect(planned.ledger.count("pluginv2.QueryDataRequest.headers", .notMetadata) == 2)
    }

    @Test("A queryType that the model repeats is not lost")
    func queryType() throws {
        var query = Build.query("A", json: #"{"queryType":"q"}"#)
        query.queryType = "q"
        #expect(try Planned(Build.request([query])).ledger.isEmpty)
    }

    @Test("Fields of a newer host are entered by their number, at every level")
    func unknownFields() throws {
        let extra: [UInt8] = [0xa2, 0x06, 0x01, 0x61]  // field 100, "a"
        var query = Build.query("A")
        try query.merge(serializedBytes: extra)
        try query.timeRange.merge(serializedBytes: extra)
        var request = Build.request([query])
        try request.merge(serializedBytes: extra + extra)
        try request.pluginContext.merge(serializedBytes: extra)
        try request.pluginContext.dataSourceInstanceSettings.merge(serializedBytes: extra)
        request.pluginContext.user.login = "l"
        try request.pluginContext.user.merge(serializedBytes: extra)
        let ledger = try Planned(request).ledger
        #expect(ledger.count("pluginv2.QueryDataRequest.#100", .unknownField) == 2)
        for message in ["DataQuery", "TimeRange", "PluginContext", "DataSourceInstanceSettings", "User"] {
            #expect(ledger.count(LossPath("pluginv2.\(message).#100"), .unknownField) == 1)
        }
    }

    @Test("What replies lose is entered with its count")
    func reply() throws {
        let input = CaseInput(
            metaJSON: "{bad", series: [.init("m", [(.max, 1), (.min, 2), (5, 3)])],
            tables: [.init(["time", "c"], [[.int(.max), .int(.max), .int(1)], [.double(.nan), .double(1)]])])
        var planned = try Planned(Build.request([Build.query("A")]))
        _ = try planned.merge([Build.reply([input.message])])
        #expect(planned.ledger.count("models.TimeSeries.points", .timestampOutOfRange) == 2)
        #expect(planned.ledger.count("models.RowValue", .timestampOutOfRange) == 2)
        #expect(planned.ledger.count("models.RowValue.int64Value", .roundedToDouble) == 1)
        #expect(planned.ledger.count("models.TableRow.values", .cellBeyondHeader) == 1)
        #expect(planned.ledger.count("models.QueryResult.metaJson", .unusableJSON) == 1)
        #expect(planned.ledger.losses.count == 5)
    }

    @Test("An ordinary request and reply lose nothing")
    func nothing() throws {
        var planned = try Planned(Build.request([Build.query("A")]))
        _ = try planned.merge([Build.reply([Build.result("A")])])
        #expect(planned.ledger.isEmpty)
    }
}
