internal import NIOCore
internal import Translation
internal import Transport

/// One `QueryData` to a plugin of the host's own version whose operator wants JSON frames made of Arrow ones. All else passes as it is.
struct V2QueryDataCall: Sendable {
    static let method = "pluginv2.Data/QueryData"
    static let path = "/" + method

    let settings: RoutingSettings
    let client: PluginClient
    let account: LossAccount

    func answer(_ call: ServerCall) async -> CallEnd {
        do {
            let request = try await call.message()
            let reply = try await client.unary(
                Self.path, request, metadata: call.head.metadata,
                deadline: call.head.deadline ?? .now() + TimeAmount(settings.callTimeout))
            call.send(initial: reply.metadata)
            guard V2FrameConversion.isWanted(by: Array(request.readableBytesView), options: settings.translation) else {
                return .reply(reply.message, trailers: reply.trailers)
            }
            var ledger = LossLedger()
            let time = TranslationTime()
            let answer = time.measure {
                V2FrameConversion.unary(Array(reply.message.readableBytesView), options: settings.translation, ledger: &ledger)
            }
            account.enter(ledger, method: Self.method, time: time)
            var end = CallEnd.reply(ByteBuffer(bytes: answer), trailers: reply.trailers)
            end.trailers.append(losses: ledger)
            return end
        } catch {
            return .failure(error)
        }
    }
}
