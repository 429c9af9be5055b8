import CLinux
import Foundation
import Glibc

/// A locator as a host starts it: pipes for its output, /dev/null for its input.
final class LocatorProcess {
    let pid: pid_t
    private let output: Pipe
    private let errors: Pipe
    private var status: Int32?

    /// The variables a host sets, with its gateway at `socket`.
    static func environment(socket: String, _ more: [String: String] = [:]) -> [String: String] {
        [
            "grafana_plugin_type": "datasource", "PLUGIN_PROTOCOL_VERSIONS": "2", "PLUGIN_GATEWAY_SOCKET": socket,
            "PLUGIN_GATEWAY_ATTACH_TIMEOUT": "25",
        ].merging(more) { $1 }
    }

    init(_ command: [String], environment: [String: String], workingDirectory: String = "/", input: Int32? = nil) throws {
        let (output, errors) = (try Pipe(), try Pipe())
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        let file = open(command[0], O_RDONLY | O_CLOEXEC)
        let directory = open(workingDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { for descriptor in [null, file, directory] where descriptor >= 0 { close(descriptor) } }

        let arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var (stage, number): (Int32, Int32) = (0, 0)
        let pid = arguments.map { UnsafePointer($0) }.withUnsafeBufferPointer { argv in
            variables.map { UnsafePointer($0) }.withUnsafeBufferPointer { envp in
                var start = pg_spawn(
                    executable_fd: file, argv: argv.baseAddress, envp: envp.baseAddress, stdin_fd: input ?? null,
                    stdout_fd: output.writeEnd,
                    stderr_fd: errors.writeEnd, working_directory_fd: directory, keep_executable_open: 0, death_signal: 0)
                return pg_spawn(&start, &stage, &number)
            }
        }
        guard pid > 0 else { throw HarnessError("starting \(command[0])", errno: number) }
        self.pid = pid
        self.output = output
        self.errors = errors
        output.closeWriteEnd()
        errors.closeWriteEnd()
    }

    deinit {
        // Only ever the process started here, and only before it was waited for.
        if status == nil {
            kill(pid, SIGKILL)
            var ignored: Int32 = 0
            waitpid(pid, &ignored, 0)
        }
    }

    func outputLine() throws -> String? { try output.line() }
    func errorLine() throws -> String? { try errors.line() }
    func closeOutput() { output.closeReadEnd() }

    /// Everything still to come on standard output, until nobody holds it open.
    func restOfOutput() throws -> String { try output.rest() }
    func restOfErrors() throws -> String { try errors.rest() }

    /// The next line on standard error as the JSON a host would read.
    func errorRecord() throws -> [String: String] {
        guard let line = try errorLine() else { throw HarnessError("standard error ended") }
        return try Self.record(line)
    }

    static func record(_ line: String) throws -> [String: String] {
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String] else {
            throw HarnessError("not an object of strings: \(line)")
        }
        return object
    }

    func signal(_ number: Int32) {
        if status == nil { kill(pid, number) }
    }

    /// The exit status, negative for a signal.
    func wait() throws -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        var waited: Int32 = 0
        while waitpid(pid, &raw, WNOHANG) == 0 {
            guard waited < patience else { throw HarnessError("waited in vain for the locator to end") }
            usleep(2000)
            waited += 2
        }
        let result = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
        status = result
        return result
    }
}

/// A pipe whose reading end gives lines.
final class Pipe {
    private(set) var readEnd: Int32
    private(set) var writeEnd: Int32
    private var buffer: [UInt8] = []

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pg_pipe(&ends) == 0 else { throw HarnessError("pipe", errno: errno) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        if readEnd >= 0 { close(readEnd) }
        if writeEnd >= 0 { close(writeEnd) }
    }

    func closeReadEnd() {
        close(readEnd)
        readEnd = -1
    }

    func closeWriteEnd() {
        close(writeEnd)
        writeEnd = -1
    }

    /// The next line without its newline; nil at the end.
    func line() throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            guard try fill() else { return nil }
        }
    }

    func rest() throws -> String {
        while try fill() {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    private func fill() throws -> Bool {
        try waitReadable(readEnd, "output of the locator")
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(readEnd, &bytes, bytes.count)
        guard count > 0 else { return false }
        buffer += bytes.prefix(count)
        return true
    }
}
