internal import Glibc
internal import Synchronization

/// The kernel's notices of changes in directories (inotify), for the whole process: one descriptor and one thread, since both are scarce.
///
/// A directory is watched *by path*: itself while it exists, and the one above it, so that its removal and return are noticed; where
/// that is missing too, the nearest one above that exists. Notices say no more than that it is worth looking.
final class DirectoryEvents: Sendable {
    static let shared = DirectoryEvents()

    /// Whom a watched directory is for.
    private struct Interest: Hashable {
        let number: UInt64
        /// The name that matters there; nil for the directory itself, where the subscription's names do.
        let next: String?
    }

    private struct Subscription {
        let path: String
        let names: Set<String>
        let onNotice: @Sendable () -> Void
    }

    private struct State {
        var next: UInt64 = 0
        var subscriptions: [UInt64: Subscription] = [:]
        var interests: [Int32: Set<Interest>] = [:]
        var isReading = false
    }

    // Not IN_MODIFY: a plugin that writes a log into its directory would make it a storm, and looking twice makes up for it.
    private static let mask =
        UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE) | UInt32(IN_CLOSE_WRITE)
        | UInt32(IN_ATTRIB) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
    private static let selfMask = UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_IGNORED) | UInt32(IN_UNMOUNT)

    /// -1 when the kernel gives none.
    private let descriptor: Int32
    private let state = Mutex(State())

    private init() {
        descriptor = inotify_init1(Int32(IN_CLOEXEC))
    }

    /// Blocks on the file system.
    ///
    /// - Parameter onNotice: called on a thread of this object; must not block.
    func notices(of path: String, names: [String], onNotice: @escaping @Sendable () -> Void) -> DirectoryNotices {
        let (number, isReliable) = state.withLock { state -> (UInt64, Bool) in
            state.next += 1
            state.subscriptions[state.next] = Subscription(path: path, names: Set(names), onNotice: onNotice)
            let isReading = startReading(&state)
            return (state.next, establish(state.next, &state) && isReading)
        }
        return DirectoryNotices(number: number, areReliable: isReliable)
    }

    func end(_ number: UInt64) {
        state.withLock { state in
            state.subscriptions[number] = nil
            replaceInterests(of: number, by: [:], &state)
        }
    }

    // MARK: Watches

    /// Watches what is there of a path. False when the kernel takes no more watches.
    private func establish(_ number: UInt64, _ state: inout State) -> Bool {
        guard descriptor >= 0, let subscription = state.subscriptions[number] else { return false }
        var wanted: [Int32: Set<Interest>] = [:]
        var isComplete = true
        // What appears while the watches are placed may be missed: so look again until nothing changes. Bounded, since somebody could
        // make and remove it all the time; whoever is told looks anyway.
        for _ in 0..<4 {
            let before = wanted.count
            isComplete = place(subscription, number, &wanted)
            if wanted.count == before { break }
        }
        replaceInterests(of: number, by: wanted, &state)
        return isComplete
    }

    private func place(_ subscription: Subscription, _ number: UInt64, _ wanted: inout [Int32: Set<Interest>]) -> Bool {
        var parts = subscription.path.split(separator: "/")
        var next: String?
        var above = 0
        while above < 2 {
            let directory = "/" + parts.joined(separator: "/")
            let watch = inotify_add_watch(descriptor, directory, Self.mask)
            if watch >= 0 {
                wanted[watch, default: []].insert(Interest(number: number, next: next))
                // The directory and the one above it, or, where it is missing, the nearest that is there.
                above += next == nil ? 1 : 2
            } else if errno == ENOSPC || errno == ENOMEM {
                return false
            }
            guard let last = parts.popLast() else { break }
            next = String(last)
        }
        return true
    }

    private func replaceInterests(of number: UInt64, by wanted: [Int32: Set<Interest>], _ state: inout State) {
        for (watch, interests) in state.interests {
            let others = interests.filter { $0.number != number }
            let all = others.union(wanted[watch] ?? [])
            state.interests[watch] = all.isEmpty ? nil : all
            if all.isEmpty { inotify_rm_watch(descriptor, watch) }
        }
        for (watch, interests) in wanted where state.interests[watch] == nil { state.interests[watch] = interests }
    }

    // MARK: The thread

    private func startReading(_ state: inout State) -> Bool {
        if state.isReading { return true }
        guard descriptor >= 0 else { return false }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        // The only instance is never released, so the thread needs no hold on it.
        let status = pthread_create(
            &thread, &attributes,
            { _ in
                DirectoryEvents.shared.read()
                return nil
            }, nil)
        state.isReading = status == 0
        return state.isReading
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            take(KernelNotice.all(in: buffer[..<count]))
        }
    }

    private func take(_ notices: [KernelNotice]) {
        let observers = state.withLock { state -> [@Sendable () -> Void] in
            var told: Set<UInt64> = []
            var moved: Set<UInt64> = []
            for notice in notices {
                if notice.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    // What was lost may have been about anything.
                    told.formUnion(state.subscriptions.keys)
                    moved.formUnion(state.subscriptions.keys)
                    continue
                }
                let isAboutItself = notice.mask & Self.selfMask != 0
                for interest in state.interests[notice.watch] ?? [] {
                    let names = state.subscriptions[interest.number]?.names ?? []
                    if isAboutItself || notice.name == interest.next && interest.next != nil {
                        moved.insert(interest.number)
                        told.insert(interest.number)
                    } else if interest.next == nil, let name = notice.name, names.contains(name) {
                        told.insert(interest.number)
                    }
                }
                if notice.mask & UInt32(IN_IGNORED) != 0 { state.interests[notice.watch] = nil }
            }
            // First the watches, then those who look: what comes later is noticed, what came before is seen.
            for number in moved { _ = establish(number, &state) }
            return told.compactMap { state.subscriptions[$0]?.onNotice }
        }
        for observer in observers { observer() }
    }
}

/// One record of inotify(7).
struct KernelNotice: Equatable {
    var watch: Int32
    var mask: UInt32
    /// Nil when it is about the directory itself.
    var name: String?

    private static let headerBytes = 16

    /// The records in what was read; an incomplete one ends the list.
    static func all(in bytes: ArraySlice<UInt8>) -> [KernelNotice] {
        var notices: [KernelNotice] = []
        var rest = bytes
        while rest.count >= headerBytes {
            let (watch, mask, length) = rest.withUnsafeBytes { raw in
                (
                    raw.loadUnaligned(fromByteOffset: 0, as: Int32.self), raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                    Int(raw.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
                )
            }
            guard rest.count - headerBytes >= length else { break }
            let name = rest.dropFirst(headerBytes).prefix(length).prefix { $0 != 0 }
            notices.append(
                KernelNotice(watch: watch, mask: mask, name: name.isEmpty ? nil : String(decoding: name, as: UTF8.self)))
            rest = rest.dropFirst(headerBytes + length)
        }
        return notices
    }
}
