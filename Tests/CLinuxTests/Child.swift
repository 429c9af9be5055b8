import CLinux
import Foundation
import Glibc

struct SpawnFailure: Error {
    var stage: Int32
    var number: Int32
    var stageName: String { String(cString: pg_spawn_stage_name(stage)) }
}

/// A process started by `pg_spawn`, with its output in a pipe.
final class Child {
    let pid: pid_t
    private let output: Int32
    private var reaped = false

    init(
        _ command: [String], environment: [String] = [], executable: Int32? = nil, directory: Int32 = -1, input: Int32 = -1,
        keepOpen: Bool = false,
        deathSignal: Int32 = 0
    ) throws {
        var ends: [Int32] = [-1, -1]
        guard pg_pipe(&ends) == 0 else { throw SpawnFailure(stage: 0, number: errno) }
        defer { close(ends[1]) }
        let file = executable ?? open(command[0], O_RDONLY | O_CLOEXEC)
        defer { if executable == nil { close(file) } }

        let arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var (stage, number): (Int32, Int32) = (0, 0)
        let written = ends[1]
        let pid = arguments.map { UnsafePointer($0) }.withUnsafeBufferPointer { argv in
            variables.map { UnsafePointer($0) }.withUnsafeBufferPointer { envp in
                var start = pg_spawn(
                    executable_fd: file, argv: argv.baseAddress, envp: envp.baseAddress, stdin_fd: input, stdout_fd: written,
                    stderr_fd: -1,
                    working_directory_fd: directory, keep_executable_open: keepOpen ? 1 : 0, death_signal: deathSignal)
                return pg_spawn(&start, &stage, &number)
            }
        }
        guard pid > 0 else {
            close(ends[0])
            throw SpawnFailure(stage: stage, number: number)
        }
        self.pid = pid
        output = ends[0]
    }

    deinit {
        close(output)
        if !reaped {
            kill(pid, SIGKILL)
            _ = wait()
        }
    }

    /// Everything it prints until it ends.
    func text() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(output, &buffer, buffer.count), count > 0 { bytes += buffer.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The exit status, negative for a signal.
    func wait() -> Int32 {
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
        reaped = true
        return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
    }
}

/// A directory that is removed at the end.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/pgc-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SpawnFailure(stage: 0, number: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String, _ text: String, mode: mode_t) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }
}

func openDescriptors() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1
}
