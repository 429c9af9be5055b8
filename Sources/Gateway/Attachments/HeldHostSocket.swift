internal import Glibc
internal import NIOCore
internal import Synchronization
internal import Transport

/// An inherited host socket whose plugin is not there yet. Connections wait in the backlog of the kernel; when one has waited for
/// `patience`, a stand-in accepts, and answers every call with UNAVAILABLE and the reason: a host gives up 20 s after it connected.
actor HeldHostSocket {
    nonisolated let socket: InheritedHostSocket
    private let reason: StandInRouter
    private let watch: Task<HostServer?, Never>
    private var isOpen = true

    /// How often the backlog is looked at. It is only while nobody has come back.
    private static let interval = Duration.milliseconds(100)

    /// - Parameter waiting: how long a connection that is found in the backlog at once may have been there.
    init(_ socket: InheritedHostSocket, on eventLoop: any EventLoop, patience: Duration, waiting: Duration) {
        let reason = StandInRouter()
        self.socket = socket
        self.reason = reason
        watch = Task {
            var waiting = waiting
            while !Self.hasConnection(socket.descriptor) {
                waiting = .zero
                do { try await Task.sleep(for: Self.interval) } catch { return nil }
            }
            do { try await Task.sleep(for: patience - waiting) } catch { return nil }
            return await Self.standIn(for: socket, reason, on: eventLoop)
        }
    }

    /// What calls are answered with.
    nonisolated func explain(_ reason: String) {
        self.reason.explain(reason)
    }

    /// A descriptor of the same socket, for whoever serves it from now on. The caller closes it.
    func copy() -> Int32 {
        isOpen ? fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0) : -1
    }

    /// Lets go of the socket, which goes on listening for whoever else holds it. Connections of the stand-in are told to come again.
    func release() async {
        guard isOpen else { return }
        isOpen = false
        watch.cancel()
        if let standIn = await watch.value {
            await standIn.suspend(cap: .milliseconds(500))
            await standIn.close()
        }
        Glibc.close(socket.descriptor)
    }

    /// Closes the socket and removes its file. Connections that wait are told so.
    func remove(on eventLoop: any EventLoop) async {
        guard isOpen else { return }
        isOpen = false
        watch.cancel()
        var standIn = await watch.value
        if standIn == nil { standIn = await Self.standIn(for: socket, reason, on: eventLoop) }
        await standIn?.drain(cap: .seconds(1))
        await standIn?.close()
        Glibc.close(socket.descriptor)
    }

    private static func standIn(
        for socket: InheritedHostSocket, _ router: StandInRouter, on eventLoop: any EventLoop
    ) async -> HostServer? {
        let copy = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        do {
            return try await HostServer.listen(on: eventLoop, path: socket.path, inherited: copy, router: router)
        } catch {
            // Its file is gone, or descriptors have run out: hosts see what they see of a gateway that does not run.
            Glibc.close(copy)
            return nil
        }
    }

    private static func hasConnection(_ descriptor: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }
}

/// Answers for a plugin that is not there.
private final class StandInRouter: CallRouter {
    private let reason = Mutex(
        "plugin-gateway was restarted, and this plugin's locator has not come back to it; restart the plugin in Grafana")

    func explain(_ reason: String) {
        self.reason.withLock { $0 = reason }
    }

    func route(_ head: CallHead) -> CallRoute {
        .refuse(GRPCStatus(code: .unavailable, message: reason.withLock { $0 }))
    }

    func ended(_ summary: CallSummary) {}
}
