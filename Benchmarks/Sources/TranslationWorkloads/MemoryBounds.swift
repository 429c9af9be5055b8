/// What docs/translation.md promises of the memory that a reply can take, held against what replies take that want as much as they can get.
package enum MemoryBounds {
    /// Bytes that a decoder holds for each byte it was fed, and besides.
    static let decoding = (multiple: 32, besides: 8 << 20)
    /// The same of a reply of one call from its first byte to the answer's last.
    static let answering = (multiple: 320, besides: 320 << 20)

    /// How many replies are tried.
    package static var replies: Int { HostileReplies.all.count }

    /// One sentence for each reply that takes more; empty when all is well.
    package static func faults() throws -> [String] {
        var faults: [String] = []
        for (format, name) in [(HostRequest.Format.arrow, "Arrow"), (.json, "JSON")] {
            let pipeline = try Pipeline(request: HostRequest.typical(queries: 1, format: format))
            for reply in HostileReplies.all {
                let size = reply.bytes.count
                func hold(_ count: AllocationCount, _ bound: (multiple: Int, besides: Int), _ what: String) {
                    guard count.peak > bound.multiple * size + bound.besides else { return }
                    faults.append(
                        "\(what) \(size) bytes of \(reply.name) takes \(count.peak) bytes; promised are at most \(bound.multiple) a byte "
                            + "and \(bound.besides >> 20) MiB. Bound what grew, or correct docs/translation.md.")
                }
                if format == .arrow { hold(AllocationCount { pipeline.decode(reply.bytes) }, decoding, "decoding") }
                hold(AllocationCount { _ = try? pipeline.answer(reply.bytes) }, answering, "answering in \(name)")
            }
        }
        return faults
    }
}
