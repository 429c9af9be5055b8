internal import Glibc

/// A pipe, both ends closed on exec.
struct Pipe {
    let readEnd: CInt
    let writeEnd: CInt

    /// Nil when the process or the system has no descriptor left; errno says which.
    static func make() -> Pipe? {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        // pg_spawn closes what it does not hand over, so the moment between these calls is no leak into a plugin.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return Pipe(readEnd: ends[0], writeEnd: ends[1])
    }

    func close() {
        _ = Glibc.close(readEnd)
        _ = Glibc.close(writeEnd)
    }
}
