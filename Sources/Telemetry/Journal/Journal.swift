internal import Glibc
internal import Synchronization

/// The way to the journal: a bounded queue before a thread of its own, since sending blocks for as long as journald is stalled.
///
/// ``send(_:)`` never blocks: what finds the queue full is dropped and counted. Without a journald the entries go to standard error as
/// readable lines, likewise when journald refuses one; a journald that comes up later is used from then on.
package final class Journal: Sendable {
    package static let systemSocket = "/run/systemd/journal/socket"

    package enum Output: Sendable {
        /// The journal when there is one, else standard error.
        case automatic
        /// Standard error, whatever there is.
        case standardError
    }

    /// What may wait in the queue. The last quarter is kept for warnings and worse.
    package struct Limits: Sendable {
        package var entries: Int
        package var bytes: Int

        package init(entries: Int = 4096, bytes: Int = 8 << 20) {
            self.entries = entries
            self.bytes = bytes
        }
    }

    package struct Counters: Sendable, Equatable {
        /// Entries that were delivered, to whichever end.
        package var sent: UInt64 = 0
        /// Entries dropped because the queue was full or closed.
        package var dropped: UInt64 = 0
        /// Fields left out of entries because their name is invalid or there were too many.
        package var leftOutFields: UInt64 = 0
        /// Deliveries that journald or standard error refused.
        package var sendFailures: UInt64 = 0
        /// Entries that wait.
        package var waiting: Int = 0
    }

    private struct Queue: Sendable {
        var entries: [JournalEntry] = []
        /// Entries and bytes that are not delivered yet, those in the sender's hands included.
        var waiting = 0
        var waitingBytes = 0
        var accepted: UInt64 = 0
        var delivered: UInt64 = 0
        var dropped: UInt64 = 0
        var leftOutFields: UInt64 = 0
        var closed = false
    }

    private let limits: Limits
    private let queue: Monitor<Queue>
    private let delivery: JournalDelivery

    /// - Parameters:
    ///   - fallbackDescriptor: where lines go without a journal; stays open as long as the journal is used.
    ///   - socketPath: the socket whose presence means that there is a journal. libsystemd always sends to ``systemSocket``.
    package init(
        output: Output = .automatic, limits: Limits = Limits(), fallbackDescriptor: Int32 = STDERR_FILENO,
        socketPath: String = Journal.systemSocket
    ) {
        self.limits = limits
        let queue = Monitor(Queue())
        let delivery = JournalDelivery(usesJournal: output == .automatic, socketPath: socketPath, fallback: fallbackDescriptor)
        self.queue = queue
        self.delivery = delivery
        if !BackgroundThread.start({ Self.deliver(from: queue, to: delivery) }) {
            queue.withLock { $0.closed = true }
        }
    }

    deinit {
        queue.update { $0.closed = true }
    }

    /// Queues an entry, or drops and counts it. Never blocks.
    package func send(_ entry: consuming JournalEntry) {
        let size = entry.size
        let share = entry.priority <= .warning ? 4 : 3
        let entry = entry
        let isFirst = queue.withLock { queue in
            queue.leftOutFields &+= UInt64(entry.leftOutFields)
            guard !queue.closed, queue.waiting < limits.entries * share / 4, queue.waitingBytes + size <= limits.bytes * share / 4
            else {
                queue.dropped &+= 1
                return false
            }
            queue.entries.append(entry)
            queue.waiting += 1
            queue.waitingBytes += size
            queue.accepted &+= 1
            return queue.entries.count == 1
        }
        if isFirst { queue.update { _ in } }
    }

    /// Queues an entry of these fields, or drops and counts it. Never blocks.
    package func send(
        _ priority: JournalPriority, _ message: String, event: EventKind? = nil, fields: [(name: String, value: String)] = []
    ) {
        var entry = JournalEntry(priority, message, event: event)
        for (name, value) in fields { entry.append(name, value) }
        send(entry)
    }

    package var counters: Counters {
        let failures = delivery.sendFailures
        return queue.withLock {
            Counters(
                sent: $0.delivered, dropped: $0.dropped, leftOutFields: $0.leftOutFields, sendFailures: failures,
                waiting: $0.waiting)
        }
    }

    /// Entries that were lost because they found the queue full or closed.
    package var droppedEntries: UInt64 { queue.withLock { $0.dropped } }

    /// Whether the last entry reached a journald (before the first one: whether there is one).
    package var reachesJournal: Bool { delivery.reachesJournal }

    /// Waits until everything queued so far is delivered, also in a cancelled task. False when `cap` passed first.
    @discardableResult
    package func flush(cap: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            if !BackgroundThread.start({ continuation.resume(returning: self.wait(within: cap)) }) {
                continuation.resume(returning: false)
            }
        }
    }

    /// Delivers what is queued, at most for `cap`, and ends the sender. Later entries are dropped and counted.
    @discardableResult
    package func close(cap: Duration) async -> Bool {
        queue.update { $0.closed = true }
        return await flush(cap: cap)
    }

    private func wait(within limit: Duration) -> Bool {
        let target = queue.withLock { $0.accepted }
        return queue.wait(atMost: limit, until: { $0.delivered >= target }, then: { _ in true }) ?? false
    }

    private static func deliver(from queue: Monitor<Queue>, to delivery: JournalDelivery) {
        while true {
            let batch = queue.wait(until: { !$0.entries.isEmpty || $0.closed }) { queue in
                let entries = queue.entries
                queue.entries = []
                return entries
            }
            guard let batch, !batch.isEmpty else { return }
            for entry in batch {
                delivery.deliver(entry)
                queue.withLock {
                    $0.waiting -= 1
                    $0.waitingBytes -= entry.size
                    $0.delivered &+= 1
                }
            }
            queue.update { _ in }
        }
    }
}
