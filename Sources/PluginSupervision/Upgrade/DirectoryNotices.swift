/// The wish to hear of changes under some names in a directory, which need not exist, for as long as somebody holds it.
final class DirectoryNotices: Sendable {
    let number: UInt64
    /// Whether the kernel tells; where it does not (no watches left), the directory has to be looked at.
    let areReliable: Bool

    init(number: UInt64, areReliable: Bool) {
        self.number = number
        self.areReliable = areReliable
    }

    deinit { DirectoryEvents.shared.end(number) }
}
