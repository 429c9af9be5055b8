internal import NIOCore
internal import Synchronization

/// How long translating one call takes, in pieces: what lies between them, such as waiting for the plugin, does not count.
final class TranslationTime: Sendable {
    private let nanoseconds = Atomic<UInt64>(0)

    /// So far.
    var spent: Duration { .nanoseconds(Int64(clamping: nanoseconds.load(ordering: .relaxed))) }

    func measure<Result, Failure: Error>(_ work: () throws(Failure) -> Result) throws(Failure) -> Result {
        let began = NIODeadline.now()
        defer { add(since: began) }
        return try work()
    }

    func add(since began: NIODeadline) {
        nanoseconds.wrappingAdd(NIODeadline.now().uptimeNanoseconds - began.uptimeNanoseconds, ordering: .relaxed)
    }
}
