internal import CSystemd
internal import Glibc
internal import Synchronization

/// The far end of the queue: one entry to journald, or to standard error when there is no journald. Blocks as long as they do.
final class JournalDelivery: Sendable {
    private let usesJournal: Bool
    private let socketPath: String
    private let fallback: Int32
    private let lastWasJournal: Atomic<Bool>
    private let failures = Atomic<UInt64>(0)

    init(usesJournal: Bool, socketPath: String, fallback: Int32) {
        self.usesJournal = usesJournal
        self.socketPath = socketPath
        self.fallback = fallback
        lastWasJournal = Atomic(usesJournal && Self.isConnectable(socketPath))
    }

    var reachesJournal: Bool { lastWasJournal.load(ordering: .relaxed) }
    var sendFailures: UInt64 { failures.load(ordering: .relaxed) }

    func deliver(_ entry: JournalEntry) {
        // Without a socket sd_journal_sendv reports success and the entry is gone, hence the look before each entry.
        if usesJournal, access(socketPath, F_OK) == 0 {
            let status = Self.sendToJournal(entry)
            if status >= 0 {
                lastWasJournal.store(true, ordering: .relaxed)
                return
            }
            failures.wrappingAdd(1, ordering: .relaxed)
        }
        lastWasJournal.store(false, ordering: .relaxed)
        write(JournalLine.render(entry))
    }

    private static func sendToJournal(_ entry: JournalEntry) -> Int32 {
        entry.buffer.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return withUnsafeTemporaryAllocation(of: iovec.self, capacity: entry.fields.count) { vectors in
                for (index, field) in entry.fields.enumerated() {
                    vectors.initializeElement(
                        at: index,
                        to: iovec(
                            // libsystemd only reads; the iovec of the C library has no const.
                            iov_base: UnsafeMutableRawPointer(mutating: base + field.start), iov_len: field.end - field.start))
                }
                return sd_journal_sendv(vectors.baseAddress, Int32(entry.fields.count))
            }
        }
    }

    private func write(_ line: [UInt8]) {
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(fallback, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Someone made the shared terminal or pipe non-blocking.
                    var ready = pollfd(fd: fallback, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, -1)
                } else if errno != EINTR {
                    failures.wrappingAdd(1, ordering: .relaxed)
                    return
                }
            }
        }
    }

    /// Whether something listens at the datagram socket `path`.
    static func isConnectable(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
