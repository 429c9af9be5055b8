/// Cuts a stream of bytes into lines of bounded length: of a longer line the beginning is kept and the rest counted.
struct LineSplitter {
    struct Line: Equatable {
        /// Without its line feed, and without a carriage return before it.
        var bytes: [UInt8]
        /// Bytes of the line that were not kept.
        var cut = 0
    }

    private let limit: Int
    private var pending: [UInt8] = []
    private var cut = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Hands each line that `bytes` completes to `emit`.
    mutating func feed(_ bytes: some Collection<UInt8>, _ emit: (Line) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            keep(rest[..<end])
            emit(take())
            rest = rest[rest.index(after: end)...]
        }
        keep(rest)
    }

    /// The last line, when the stream ended without a line feed.
    mutating func finish() -> Line? {
        pending.isEmpty && cut == 0 ? nil : take()
    }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        let room = limit - pending.count
        pending.append(contentsOf: bytes.prefix(room))
        cut += max(0, bytes.count - room)
    }

    private mutating func take() -> Line {
        defer {
            pending.removeAll(keepingCapacity: pending.count <= 4096)
            cut = 0
        }
        if cut == 0 && pending.last == 0x0D { pending.removeLast() }
        return Line(bytes: pending, cut: cut)
    }
}
