internal import Glibc

/// What a process uses at the moment.
package struct ProcessVitals: Sendable {
    package var residentBytes: UInt64
    /// Processor time since the start, user and system, in microseconds.
    package var processorMicroseconds: UInt64
    package var descriptors: Int

    /// Of this process. What cannot be read counts as zero.
    package static func ofThisProcess() -> ProcessVitals {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let time = { (value: timeval) in UInt64(clamping: value.tv_sec) * 1_000_000 + UInt64(clamping: value.tv_usec) }
        return ProcessVitals(
            residentBytes: residentBytes(of: getpid()) ?? 0,
            processorMicroseconds: time(usage.ru_utime) + time(usage.ru_stime),
            descriptors: countDescriptors())
    }

    /// Resident memory of a process in bytes, shared pages included; nil when there is no such process or it may not be read.
    package static func residentBytes(of pid: Int32) -> UInt64? {
        let file = open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let text = withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer -> String in
            let count = read(file, buffer.baseAddress, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = UInt64(numbers[1]) else { return nil }
        return pages * UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    }

    private static func countDescriptors() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // ".", ".." and the directory's own descriptor
        return max(0, count - 3)
    }
}
