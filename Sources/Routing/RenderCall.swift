internal import NIOCore
internal import Translation
internal import Transport

/// One `Render` from accept to reply in front of a v1 renderer, which writes the picture itself.
struct RenderCall: Sendable {
    static let method = "pluginextensionv2.Renderer/Render"

    let settings: RoutingSettings
    let client: PluginClient
    let account: LossAccount

    func answer(_ call: ServerCall) async -> CallEnd {
        let time = TranslationTime()
        do {
            let request = try await call.message()
            var (plan, ledger) = try time.measure {
                try V2ToV1Render.plan(Array(request.readableBytesView), options: settings.translation)
            }
            var end: CallEnd
            switch plan {
            case .answer(let reply): end = .reply(ByteBuffer(bytes: reply))
            case .call(let request):
                do {
                    let reply = try await render(request, call.head)
                    end = .reply(ByteBuffer(bytes: time.measure { V2ToV1Render.answer(reply, ledger: &ledger) }))
                } catch let status as GRPCStatus {
                    // The host knows what the codes of a renderer mean.
                    end = CallEnd(status: GRPCStatus(code: status.code, message: status.message, details: status.details))
                }
            }
            account.enter(ledger, method: Self.method, time: time)
            end.trailers.append(losses: ledger)
            return end
        } catch {
            return .failure(error)
        }
    }

    private func render(_ request: [UInt8], _ head: CallHead) async throws -> [UInt8] {
        let reply = try await client.unary(
            V1Method.render, ByteBuffer(bytes: request), metadata: PluginQueries.propagated(head),
            deadline: head.deadline ?? .now() + TimeAmount(settings.callTimeout))
        return Array(reply.message.readableBytesView)
    }
}
