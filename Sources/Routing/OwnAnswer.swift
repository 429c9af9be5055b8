internal import NIOCore
internal import Transport

/// The gateway's own answer to a unary call that v1 has nothing for. Of its request only the fields of a newer host are looked for.
struct OwnAnswer: Sendable {
    let account: LossAccount
    /// The encoded reply.
    let reply: [UInt8]

    func answer(_ call: ServerCall) async -> CallEnd {
        do {
            let request = Array(try await call.message().readableBytesView)
            var end = CallEnd.reply(ByteBuffer(bytes: reply))
            end.trailers.append(losses: account.enterUnknownFields(of: request, method: call.head.path))
            return end
        } catch {
            return .failure(error)
        }
    }
}
