import GatewayTestKit
import Glibc
import NIOCore
import NIOPosix
import PluginProtocolV1
import PluginProtocolV2
import SwiftProtobuf
import Telemetry
import Translation
import Transport

@testable import Routing

/// A v1 plugin and a host in this process, and one handler of the gateway between them.
struct Streaming {
    let plugin: FakePlugin
    let toPlugin: PluginClient
    let server: HostServer
    let host: PluginClient
    let statistics: PluginStatistics
    private let directory: String

    /// - Parameter answering: what the plugin does with each of its calls.
    static func start(
        chunkRows: Int = 1000, answering: @escaping @Sendable (ServerCall) async -> CallEnd
    ) async throws -> Streaming {
        var template = Array("/tmp/pgwr-XXXXXX".utf8CString)
        let directory = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let plugin = try await FakePlugin.start(on: loop, path: directory + "/plugin", answering: answering)
        let client = try await PluginClient.connect(on: loop, to: plugin.address)
        let statistics = PluginStatistics(pluginID: "p")
        var options = TranslationOptions.default
        options.chunkRows = chunkRows
        let settings = RoutingSettings(
            pluginID: "p", pluginVersion: nil, kind: .dataSource, gatewayVersion: "0", translation: options, healthQuery: nil,
            answersLegacyQueries: false, callTimeout: .seconds(60), concurrentCalls: 100, concurrentSplits: 2)
        let account = LossAccount(versionPath: "2-1", settings: settings, statistics: statistics, onNewLoss: { _ in })
        let call = QueryChunkedDataCall(settings: settings, client: client, account: account)
        let router = FakeRouter { _ in .answer(call.answer) }
        let server = try await HostServer.listen(on: loop, path: directory + "/host", router: router)
        let host = try await PluginClient.connect(on: loop, to: .unix(directory + "/host"))
        return Streaming(
            plugin: plugin, toPlugin: client, server: server, host: host, statistics: statistics, directory: directory)
    }

    func stop() async {
        await host.close()
        await server.close()
        await toPlugin.close()
        await plugin.stop()
        rmdir(directory)
    }

    /// One query for each refId, each with a time range of its own.
    static func request(_ refIDs: [String]) throws -> ByteBuffer {
        var request = Pluginv2_QueryChunkedDataRequest()
        request.pluginContext.dataSourceInstanceSettings.id = 1
        for (place, refID) in refIDs.enumerated() {
            var query = Pluginv2_DataQuery()
            query.refID = refID
            query.timeRange.toEpochMs = Int64(place + 1)
            request.queries.append(query)
        }
        return ByteBuffer(bytes: try request.serializedBytes() as [UInt8])
    }

    /// A v1 reply with one series.
    static func reply(_ refID: String, points: Int) throws -> ByteBuffer {
        var series = Models_TimeSeries()
        series.points = (0..<points).map { time in
            var point = Models_Point()
            point.timestamp = Int64(time)
            point.value = Double(time)
            return point
        }
        var result = Models_QueryResult()
        result.refID = refID
        result.series = [series]
        var response = Models_DatasourceResponse()
        response.results = [result]
        return ByteBuffer(bytes: try response.serializedBytes() as [UInt8])
    }

    /// The refIds of a v1 call.
    static func refIDs(_ call: ServerCall) async throws -> [String] {
        let bytes = Array(try await call.message().readableBytesView)
        return try Models_DatasourceRequest(serializedBytes: bytes).queries.map(\.refID)
    }
}
