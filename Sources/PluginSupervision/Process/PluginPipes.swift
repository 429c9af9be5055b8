internal import Glibc
internal import NIOCore

/// The pipes of a plugin's standard output and standard error: our ends on the event loop, its ends until it has them.
struct PluginPipes: Sendable {
    let stdoutWriteEnd: CInt
    let stderrWriteEnd: CInt
    private let stdout: any Channel
    private let stderr: any Channel

    /// - Throws: `outOfDescriptors`; nothing is left open then.
    static func open(on loop: any EventLoop, output: NIOLoopBoundBox<PluginOutput>) async throws(SupervisionError) -> PluginPipes
    {
        guard let out = Pipe.make() else { throw failure(systemMessage(errno)) }
        guard let err = Pipe.make() else {
            let reason = systemMessage(errno)
            out.close()
            throw failure(reason)
        }
        let stdout: any Channel
        do {
            stdout = try await PipeReader.channel(out.readEnd, on: loop) {
                PipeReader(onBytes: { output.value.readStdout($0) }, onClose: { output.value.closeStdout() })
            }
        } catch {
            _ = Glibc.close(out.writeEnd)
            err.close()
            throw failure("\(error)")
        }
        do {
            let stderr = try await PipeReader.channel(err.readEnd, on: loop) {
                PipeReader(onBytes: { output.value.readStderr($0) }, onClose: { output.value.closeStderr() })
            }
            return PluginPipes(stdoutWriteEnd: out.writeEnd, stderrWriteEnd: err.writeEnd, stdout: stdout, stderr: stderr)
        } catch {
            try? await stdout.close()
            _ = Glibc.close(out.writeEnd)
            _ = Glibc.close(err.writeEnd)
            throw failure("\(error)")
        }
    }

    /// The plugin has its own copies now, or never will.
    func closeWriteEnds() {
        _ = Glibc.close(stdoutWriteEnd)
        _ = Glibc.close(stderrWriteEnd)
    }

    func startReading() {
        for channel in [stdout, stderr] { channel.setOption(.autoRead, value: true).whenComplete { _ in } }
    }

    /// Stops waiting for the ends of the pipes.
    func abandon() {
        for channel in [stdout, stderr] { channel.close(promise: nil) }
    }

    func close() async {
        abandon()
        try? await stdout.closeFuture.get()
        try? await stderr.closeFuture.get()
    }

    /// Both pipes have been read to their ends, or abandoned.
    func closed(on loop: any EventLoop) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete([stdout.closeFuture, stderr.closeFuture], on: loop)
    }

    private static func failure(_ cause: String) -> SupervisionError {
        SupervisionError(
            .outOfDescriptors, "the pipes for the plugin's output could not be made", cause: cause, side: .gateway,
            remedy: "raise LimitNOFILE= of the gateway's service")
    }
}
