internal import NIOCore
internal import Synchronization
internal import Translation
internal import Transport

/// What one attachment has learned of a plugin of the host's own version that may be older than the host.
final class OlderPlugin: Sendable {
    /// Whether the plugin has `QueryChunkedData`.
    enum Chunks: Sendable {
        case unknown
        /// The probe found the method; whether there is a handler behind it shows at the first call.
        case likely
        case native, missing
    }

    private struct State {
        /// The process that `chunks` is about; a new one may be a new build.
        var generation = 0
        var chunks = Chunks.unknown
    }
    private let state = Mutex(State())

    func chunks(of generation: Int) -> Chunks {
        state.withLock { $0.generation == generation ? $0.chunks : .unknown }
    }

    func learn(_ chunks: Chunks, of generation: Int) {
        state.withLock { state in
            // Two first calls may overlap; an older process has nothing to tell of a newer one.
            if generation >= state.generation { state = State(generation: generation, chunks: chunks) }
        }
    }
}

// MARK: Finding out

extension OlderPlugin {
    /// Whether the plugin has `QueryChunkedData`, asked without a handler of it being reached: the request is no protobuf, which a
    /// plugin that has the method finds out first, while one that does not says UNIMPLEMENTED.
    ///
    /// A method without a handler behind it is not found so, see ``lacksChunks(_:)``. A plugin without any data method, such as a
    /// renderer, lacks nothing that could be made up for.
    static func probe(_ client: PluginClient) async -> Chunks {
        guard await code(of: V2QueryChunkedDataCall.path, client) == .unimplemented else { return .likely }
        return await code(of: V2QueryDataCall.path, client) == .unimplemented ? .native : .missing
    }

    /// Field 1 with 127 bytes, none of which follow.
    private static let malformed: [UInt8] = [0x0A, 0x7F]
    private static let patience = TimeAmount.seconds(2)

    private static func code(of path: String, _ client: PluginClient) async -> GRPCCode {
        do {
            _ = try await client.unary(
                path, ByteBuffer(bytes: malformed), metadata: Metadata(), deadline: .now() + patience)
            return .ok
        } catch {
            return (error as? GRPCStatus)?.code ?? .unknown
        }
    }

    /// Of the first reply message of a call, to see whether it says that there is nothing behind the method.
    static let excerptBytes = 1024

    /// Whether a relayed call of `QueryChunkedData` shows that the plugin does not have it. Its host has seen that too: newer ones ask
    /// with `QueryData` then, older ones show an error once.
    static func lacksChunks(_ summary: CallSummary) -> Bool {
        summary.code == .unimplemented || (summary.messagesOut == 1 && V2Chunks.isNotImplemented(summary.firstReply))
    }
}
