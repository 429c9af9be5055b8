internal import Foundation
package import Glibc

/// A process started by a test: lines in, lines out, standard error in a file. It is ended, by its pid, when the test is done with it.
package final class Child: @unchecked Sendable {
    // All state that changes is behind `condition`.
    package let pid: pid_t
    package let errorFile: String?
    private var input: Int32
    private let condition = NSCondition()
    private var lines: [String] = []
    private var closed = false
    private var status: Int32?

    /// - Parameters:
    ///   - environment: the whole environment of the process; nil passes on this one's.
    ///   - errorFile: where standard error goes; nil shares this process's.
    package init(_ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil, errorFile: String? = nil)
        throws
    {
        guard access(executable, X_OK) == 0 else {
            throw HarnessError("\(executable) is missing: `make test` builds it (a missing peer is a failure, not a skip)")
        }
        self.errorFile = errorFile
        // A process that has ended is an error of `send`, not the end of the tests.
        Glibc.signal(SIGPIPE, SIG_IGN)
        var toChild: [Int32] = [0, 0], fromChild: [Int32] = [0, 0]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw HarnessError("pipe: \(errno)") }
        // Tests run one at a time, so nobody forks between the two calls.
        for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        if let errorFile { posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT | O_APPEND, 0o600) }
        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0.key)=\($0.value)" }
        var arguments = ([executable] + arguments).map { strdup($0) } + [nil]
        var environment = variables.map { strdup($0) } + [nil]
        defer {
            for pointer in arguments { free(pointer) }
            for pointer in environment { free(pointer) }
        }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, executable, &actions, nil, &arguments, &environment)
        close(toChild[0])
        close(fromChild[1])
        guard failure == 0 else {
            close(toChild[1])
            close(fromChild[0])
            throw HarnessError("\(executable): \(String(cString: strerror(failure)))")
        }
        self.pid = pid
        input = toChild[1]
        let output = fromChild[0]
        Thread.detachNewThread { [self] in readLines(output) }
        Thread.detachNewThread { [self] in reap() }
    }

    deinit { closeInput() }

    /// The process sees the end of its standard input.
    package func closeInput() {
        condition.withLock {
            if input >= 0 { close(input) }
            input = -1
        }
    }

    package func send(_ line: String) throws {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { write(input, $0.baseAddress?.advanced(by: sent), $0.count - sent) }
            guard count > 0 else { throw HarnessError("process \(pid) takes no more input") }
            sent += count
        }
    }

    /// The next line of standard output.
    package func line(within seconds: Double = 60) throws -> String {
        condition.lock()
        defer { condition.unlock() }
        let limit = Date(timeIntervalSinceNow: seconds)
        while lines.isEmpty {
            if closed { throw HarnessError("process \(pid) ended its output\n\(errorText.suffix(2000))") }
            guard condition.wait(until: limit) else {
                throw HarnessError("no line from process \(pid) in \(seconds) s\n\(errorText.suffix(2000))")
            }
        }
        return lines.removeFirst()
    }

    /// Waits for the end; nil when it does not come in time.
    @discardableResult
    package func wait(within seconds: Double = 30) -> Int32? {
        condition.lock()
        defer { condition.unlock() }
        let limit = Date(timeIntervalSinceNow: seconds)
        while status == nil { guard condition.wait(until: limit) else { return nil } }
        return status
    }

    package var hasEnded: Bool { condition.withLock { status != nil } }

    /// The exit code, nil while it runs or when a signal ended it.
    package var exitCode: Int32? {
        condition.withLock { status.flatMap { $0 & 0x7F == 0 ? $0 >> 8 & 0xFF : nil } }
    }

    /// The signal that ended it, nil while it runs or when it ended by itself.
    package var fatalSignal: Int32? {
        condition.withLock { status.flatMap { $0 & 0x7F == 0 ? nil : $0 & 0x7F } }
    }

    package func signal(_ number: Int32) {
        condition.withLock { if status == nil { kill(pid, number) } }
    }

    /// Ends it: politely first.
    package func end(within seconds: Double = 20) {
        signal(SIGTERM)
        if wait(within: seconds) == nil {
            signal(SIGKILL)
            wait(within: 5)
        }
    }

    package var errorText: String {
        guard let errorFile, let data = FileManager.default.contents(atPath: errorFile) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    private func readLines(_ descriptor: Int32) {
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var rest = chunk[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                pending += rest[..<end]
                let line = String(decoding: pending, as: UTF8.self)
                pending.removeAll(keepingCapacity: true)
                condition.withLock {
                    lines.append(line)
                    condition.broadcast()
                }
                rest = rest[(end + 1)...]
            }
            pending += rest
        }
        close(descriptor)
        condition.withLock {
            if !pending.isEmpty { lines.append(String(decoding: pending, as: UTF8.self)) }
            closed = true
            condition.broadcast()
        }
    }

    private func reap() {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        condition.withLock {
            self.status = status
            condition.broadcast()
        }
    }
}

extension NSCondition {
    fileprivate func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}
