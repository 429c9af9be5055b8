internal import NIOCore
internal import PluginSupervision
internal import Translation
internal import Transport

/// One `QueryChunkedData` to a plugin of the host's own version that may not have it: it is asked as a `QueryData` then, and the answer
/// sent frame by frame.
///
/// Only calls of terminated connections come here, until the process is known to have the method and unless there is something to
/// convert. What a relayed call shows of the method, ``OlderPlugin`` sees.
struct V2QueryChunkedDataCall: Sendable {
    static let method = "pluginv2.Data/QueryChunkedData"
    static let path = "/" + method

    let settings: RoutingSettings
    let plugin: RunningPlugin
    let memory: OlderPlugin
    let account: LossAccount

    func answer(_ call: ServerCall) async -> CallEnd {
        var ledger = LossLedger()
        var end: CallEnd
        do {
            let request = try await call.message()
            let relayed = memory.chunks(of: plugin.generation) == .missing ? nil : try await relay(request, call, &ledger)
            if let relayed { end = relayed } else { end = try await unary(request, call, &ledger) }
        } catch {
            end = .failure(error)
        }
        account.enter(ledger, method: Self.method)
        end.trailers.append(losses: ledger)
        return end
    }

    /// Nil when the plugin does not have the method. Nothing was sent to the host then.
    private func relay(_ request: ByteBuffer, _ call: ServerCall, _ ledger: inout LossLedger) async throws -> CallEnd? {
        var chunks = V2Chunks(request: Array(request.readableBytesView), options: settings.translation)
        let asked = plugin.client.stream(Self.path, metadata: call.head.metadata, deadline: call.head.deadline)
        try? await asked.send(request)
        asked.finish()
        var isFirst = true
        do {
            while let message = try await asked.next() {
                let bytes = Array(message.readableBytesView)
                if isFirst {
                    if V2Chunks.isNotImplemented(bytes) {
                        asked.cancel()
                        memory.learn(.missing, of: plugin.generation)
                        return nil
                    }
                    memory.learn(.native, of: plugin.generation)
                    isFirst = false
                }
                switch chunks.pass(bytes, &ledger) {
                case .unchanged: try await call.send(message: message)
                case .converted(let converted): try await call.send(message: ByteBuffer(bytes: converted))
                }
            }
        } catch let status as GRPCStatus {
            guard isFirst, status.code == .unimplemented else { return CallEnd(status: status) }
            memory.learn(.missing, of: plugin.generation)
            return nil
        }
        return CallEnd(status: await asked.end().status)
    }

    /// The fallback. Both requests have the same fields under the same numbers.
    private func unary(_ request: ByteBuffer, _ call: ServerCall, _ ledger: inout LossLedger) async throws -> CallEnd {
        let reply = try await plugin.client.unary(
            V2QueryDataCall.path, request, metadata: call.head.metadata,
            deadline: call.head.deadline ?? .now() + TimeAmount(settings.callTimeout))
        call.send(initial: reply.metadata)
        let answer = Array(reply.message.readableBytesView)
        var chunks = V2Chunks(request: Array(request.readableBytesView), options: settings.translation).chunks(
            of: answer, &ledger)
        if let fault = chunks.fault {
            return .failure(
                .internal,
                "the plugin's reply is not a pluginv2.QueryDataResponse: \(fault) of \(answer.count); "
                    + "the plugin must be corrected to send valid protobuf")
        }
        while let message = chunks.next(&ledger) {
            try Task.checkCancellation()
            try await call.send(message: ByteBuffer(bytes: message))
        }
        return CallEnd(status: .ok, trailers: reply.trailers)
    }
}
