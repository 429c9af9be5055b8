internal import CAllocations
internal import Glibc
internal import TranslationWorkloads

/// What was measured of one contender.
struct Measurement {
    let contender: Contender
    let count: AllocationCount
    let iterations: Int
    /// CPU time of one run in nanoseconds, per round.
    private(set) var samples: [Double] = []
    /// Page faults of one run, per round.
    private(set) var faults: [Double] = []
    /// CPU time of one run whose memory the system has to provide first, per round; none for contenders that need little.
    private(set) var coldSamples: [Double] = []

    /// Counts allocations, and finds how many runs fill the time of a round.
    init(_ contender: Contender, seconds: Double) throws {
        self.contender = contender
        count = try AllocationCount {
            try contender.run()
        }
        let before = Self.cpuTime()
        try contender.run()
        let once = max(1, Self.cpuTime() - before)
        iterations = max(1, min(1_000_000, Int(seconds * 1e9 / once)))
    }

    mutating func addRound() throws {
        // What ran before may have left the allocator without pages.
        try contender.run()
        let faultsBefore = Self.pageFaults()
        let before = Self.cpuTime()
        for _ in 0..<iterations { try contender.run() }
        samples.append((Self.cpuTime() - before) / Double(iterations))
        faults.append((Self.pageFaults() - faultsBefore) / Double(iterations))
    }

    /// Apart from the others: what is given back here, the next contender would have to fetch.
    mutating func addColdRound() throws {
        guard contender.input.unit != .call else { return }
        allocations_give_back()
        let beforeCold = Self.cpuTime()
        try contender.run()
        coldSamples.append(Self.cpuTime() - beforeCold)
    }

    /// Nanoseconds of one run.
    var median: Double { samples.median }

    /// How often this takes the time of another: the median of the rounds' own ratios, since what disturbs a round disturbs both.
    func ratio(to other: Measurement, cold: Bool = false) -> Double {
        let pairs = cold ? zip(coldSamples, other.coldSamples) : zip(samples, other.samples)
        return pairs.map { $0 / $1 }.median
    }

    /// The CPU time of this thread: others use the machine as well.
    private static func cpuTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    private static func pageFaults() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_minflt)
    }
}

extension [Double] {
    /// Of two in the middle the lower one.
    var median: Double { isEmpty ? .nan : sorted()[(count - 1) / 2] }
}
