internal import Foundation
internal import Glibc
internal import Telemetry

/// A pipe in the place of standard error: nobody reads it until the test does.
final class TestPipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// What is in the pipe now, as lines.
    func lines() -> [String] {
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(readEnd, &chunk, chunk.count)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Reads and forgets until the write end is closed everywhere, so that writers go on.
    func drainInBackground() {
        let descriptor = dup(readEnd)
        let thread = Thread {
            var chunk = [UInt8](repeating: 0, count: 65536)
            while read(descriptor, &chunk, chunk.count) > 0 {}
            close(descriptor)
        }
        thread.start()
    }

    func journal(_ limits: Journal.Limits = Journal.Limits()) -> Journal {
        Journal(output: .standardError, limits: limits, fallbackDescriptor: writeEnd)
    }
}
