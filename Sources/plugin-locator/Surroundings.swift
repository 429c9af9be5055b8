internal import CLinux
internal import Glibc

/// Why the locator's work stops early.
enum Stop: Error {
    /// The host is gone or asked for the end (SIGTERM).
    case host
    case failed(LocatorFailure)
}

/// Everything the locator waits for beside the gateway: its host, by standard output and the parent process, and signals. Standard
/// input tells nothing: hosts give /dev/null.
final class Surroundings {
    let errorOutput = ErrorOutput()

    /// How long the last lines may take to be written.
    private static let flushSeconds = 0.3

    private let parent: pid_t
    /// -1 where the kernel or a filter has no pidfd, or the parent is outside this process's namespace.
    private let parentDescriptor: Int32
    private let signalDescriptor: Int32

    /// nil when the parent died before it could be watched.
    init?() {
        parent = getppid()
        parentDescriptor = parent > 0 ? pg_pidfd_open(parent) : -1
        let signals = [SIGTERM, SIGHUP]
        signalDescriptor = pg_signal_descriptor(signals, Int32(signals.count))
        if getppid() != parent { return nil }
    }

    /// Waits until the control descriptor has one of the wanted events, and writes waiting log lines meanwhile.
    ///
    /// - Parameter deadline: of `Moment.now`; nil waits without end.
    /// - Returns: the events that arrived, 0 at the deadline.
    func wait(control: (descriptor: Int32, events: Int16)?, until deadline: Double?) throws(Stop) -> Int16 {
        while true {
            var watched = [
                pollfd(fd: control?.descriptor ?? -1, events: control?.events ?? 0, revents: 0),
                // No event asked for: poll reports errors in any case, and a pipe without readers is one.
                pollfd(fd: STDOUT_FILENO, events: 0, revents: 0),
                pollfd(fd: parentDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signalDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errorOutput.isWaiting ? STDERR_FILENO : -1, events: Int16(POLLOUT), revents: 0),
            ]
            let count = poll(&watched, nfds_t(watched.count), timeout(until: deadline))
            if count < 0 && errno != EINTR { throw .failed(.cannotWait(number: errno)) }
            if count > 0 {
                if watched[1].revents != 0 || watched[2].revents != 0 { throw .host }
                if watched[3].revents != 0, pg_next_signal(signalDescriptor) != 0 { throw .host }
                write(watched[4].revents)
                if watched[0].revents != 0 { return watched[0].revents }
            }
            if parentDescriptor < 0, getppid() != parent { throw .host }
            if let deadline, Moment.now >= deadline { return 0 }
        }
    }

    /// Writes what still waits, if the host takes it soon.
    func flush() {
        let deadline = Moment.now + Self.flushSeconds
        while errorOutput.isWaiting, Moment.now < deadline {
            var watched = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            if poll(&watched, 1, timeout(until: deadline)) > 0 { write(watched.revents) }
        }
    }

    private func write(_ events: Int16) {
        if events & Int16(POLLERR | POLLNVAL) != 0 {
            errorOutput.discard()
        } else if events != 0 {
            errorOutput.writePiece()
        }
    }

    /// In milliseconds, rounded up so that a wait does not end just before its deadline. Without a pidfd the parent is looked at
    /// every second.
    private func timeout(until deadline: Double?) -> Int32 {
        let longest: Double? = parentDescriptor < 0 ? 1 : nil
        guard let deadline else { return longest.map { Int32($0 * 1000) } ?? -1 }
        let seconds = min(max(deadline - Moment.now, 0), longest ?? 3600)
        return Int32((seconds * 1000).rounded(.up))
    }
}
