internal import Glibc
internal import Synchronization

/// A condition that a blocked thread waits for.
final class Gate: Sendable {
    private let opened = Atomic(false)

    func open() { opened.store(true, ordering: .releasing) }
    func wait() { while !opened.load(ordering: .acquiring) { usleep(1000) } }
}
