internal import Translation

/// The gateway's translation, entered where `Routing` enters it. Everything that is measured goes through here.
struct Pipeline {
    /// What one run made: enough to see that it did its work.
    struct Product {
        var statistics: TranslationStatistics
        var bytes: Int
        var messages = 1
    }

    private let plan: QueryDataPlan
    private let ledger: LossLedger

    /// - Parameter request: an encoded `pluginv2.QueryDataRequest`, or a `QueryChunkedDataRequest`.
    init(request: [UInt8], chunked: Bool = false) throws {
        (plan, ledger) =
            chunked
            ? try V2ToV1QueryChunkedData.plan(request, options: .default) : try V2ToV1QueryData.plan(request, options: .default)
        guard plan.calls.count == 1 else { throw BenchmarkError("the plan has \(plan.calls.count) calls, and one was expected") }
    }

    /// Bytes of the v1 request.
    var requestSize: Int { plan.calls[0].request.count }

    /// How the reply of the one call reaches the translation.
    private func outcome(_ reply: [UInt8]) -> CallOutcome { .reply(reply) }

    /// The answer to a `QueryData` whose only v1 call brought this reply.
    func answer(_ reply: [UInt8]) throws -> Product {
        let (message, statistics) = try message(reply)
        return Product(statistics: statistics, bytes: message.count)
    }

    /// The same, to be looked into or worked on.
    func message(_ reply: [UInt8]) throws -> ([UInt8], TranslationStatistics) {
        var ledger = ledger
        switch V2ToV1QueryData.merge(plan, [outcome(reply)], ledger: &ledger) {
        case .reply(let answer, let statistics): return (answer, statistics)
        case .status(let code, let message, _): throw BenchmarkError("the answer is gRPC status \(code): \(message)")
        }
    }

    /// All messages of a `QueryChunkedData` whose only v1 call brought this reply, each given up before the next is made.
    func chunks(_ reply: [UInt8]) throws -> Product {
        var ledger = ledger
        var answer = ChunkedAnswer(plan)
        answer.take(outcome(reply), ofCall: 0, &ledger)
        var (bytes, messages) = (0, 0)
        while let size = answer.next(&ledger)?.count {
            bytes += size
            messages += 1
        }
        if case .status(let code, let message, _)? = answer.end() {
            throw BenchmarkError("the stream ended with gRPC status \(code): \(message)")
        }
        return Product(statistics: answer.statistics, bytes: bytes, messages: messages)
    }

    /// Decodes a reply as it arrives, in pieces, and gives it up. One that the decoder refuses is no error here.
    func decode(_ reply: [UInt8], piece: Int = 16 * 1024) {
        var decoder = plan.decoder(forReplyOf: reply.count, from: nil)
        reply.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: piece) {
                let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + piece)])
                guard (try? decoder.feed(piece)) != nil else { return }
            }
        }
        _ = try? decoder.finish()
    }

    /// An answer of a v2 plugin in Arrow, written again in JSON.
    static func json(_ response: [UInt8]) -> Int {
        var options = TranslationOptions.default
        options.convertFrames = .json
        var ledger = LossLedger(policies: options.losses)
        return V2FrameConversion.unary(response, options: options, ledger: &ledger).count
    }
}
