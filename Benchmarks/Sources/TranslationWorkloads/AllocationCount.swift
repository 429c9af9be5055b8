internal import CAllocations

/// What one run of a workload allocates. Hardly different in another run or on another machine, for one compiler and one C library.
package struct AllocationCount: Codable, Equatable, Sendable {
    package var allocations: Int
    /// Asked for over the whole run.
    package var bytes: Int
    /// Alive at a time, the answer among them, beyond what was alive before.
    package var peak: Int

    package init(allocations: Int, bytes: Int, peak: Int) {
        self.allocations = allocations
        self.bytes = bytes
        self.peak = peak
    }

    /// Counts the third run: the first ones fill what is kept between calls.
    package init(_ run: () throws -> Void) rethrows {
        for _ in 0..<2 { try run() }
        allocations_start()
        do {
            try run()
        } catch {
            _ = allocations_stop()
            throw error
        }
        let counts = allocations_stop()
        self.init(allocations: Int(counts.allocations), bytes: Int(counts.bytes), peak: Int(counts.peak))
    }
}
