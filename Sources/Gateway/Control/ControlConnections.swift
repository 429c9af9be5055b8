internal import NIOCore
internal import Synchronization

/// The open connections to the control socket: how many there may be, and a way to close them all.
final class ControlConnections: Sendable {
    private let limit: Int
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let added = open.withLock { open in
            guard open.count < limit else { return false }
            open[id] = channel
            return true
        }
        if added {
            channel.closeFuture.whenComplete { _ in self.open.withLock { _ = $0.removeValue(forKey: id) } }
        }
        return added
    }

    func closeAll() async {
        for channel in open.withLock({ Array($0.values) }) {
            channel.close(promise: nil)
            try? await channel.closeFuture.get()
        }
    }
}
