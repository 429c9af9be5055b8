internal import Glibc
internal import GoPlugin
internal import NIOCore
internal import Transport

/// From the handshake line to a plugin that answers.
extension PluginInstance {
    /// Waits for the handshake, connects, and asks for the plugin's health.
    ///
    /// - Parameter onHandshake: called once it has shaken hands, before it is asked for its health.
    /// - Throws: why it does not run, with its last words; it is killed and nothing is left of it then.
    func becomeReady(onHandshake: (HandshakeLine) -> Void = { _ in }) async throws(SupervisionError) -> RunningPlugin {
        do throws(SupervisionError) {
            let line = try await handshakeOutcome().accepted(
                offered: OfferedVersions(launch.offeredVersions), timeout: launch.limits.handshakeTimeout)
            onHandshake(line)
            let (client, health) = try await connect(to: line)
            return RunningPlugin(
                handshake: line, pid: pid, startedAt: startedAt, client: client, health: health, generation: generation,
                use: PluginUse())
        } catch {
            kill()
            let status = try? await gone.get()
            var error = error
            error.lastWords = lastWords.lines
            if error.code == .closedStdout, let status, status != .signal(SIGKILL) {
                // It ended by itself while its end was being prepared, which says more.
                error.cause = "\(status)"
            }
            throw error
        }
    }

    private func handshakeOutcome() async -> HandshakeOutcome {
        let loop = launch.eventLoop
        let first = loop.makePromise(of: HandshakeOutcome.self)
        handshake.whenSuccess { outcome in
            guard outcome == .closed else { return first.succeed(outcome) }
            // The exit usually follows within a moment, and says more.
            loop.scheduleTask(in: .milliseconds(300)) { first.succeed(.closed) }
        }
        drained.whenSuccess { first.succeed(.exited($0)) }
        let output = output
        let timeout = loop.scheduleTask(in: TimeAmount(launch.limits.handshakeTimeout)) {
            first.succeed(.timedOut(output.value.pendingHandshake))
        }
        defer { timeout.cancel() }
        // A promise keeps the first of several results, and nothing fails it.
        return (try? await first.futureResult.get()) ?? .closed
    }

    /// Connects to where the plugin listens, and asks for its health. Also used when a connection was lost.
    func connect(to line: HandshakeLine) async throws(SupervisionError) -> (PluginClient, PluginHealth) {
        let address: PluginAddress
        switch line.endpoint {
        case .unix(let path):
            try Self.checkSocket(path)
            address = .unix(path)
        case .tcp(let host, let port):
            address = .tcp(host: host, port: port)
        }
        let deadline = NIODeadline.now() + TimeAmount(launch.limits.connectTimeout)
        // A plugin that is stopped accepts connections and never answers: its end also ends the attempt.
        let impatience = launch.eventLoop.scheduleTask(deadline: deadline) { self.kill() }
        defer { impatience.cancel() }

        let client: PluginClient
        do {
            client = try await PluginClient.connect(on: launch.eventLoop, to: address, limits: launch.transportLimits)
        } catch {
            throw SupervisionError(
                .connectFailed, "the plugin announced \(address) and does not take connections there", cause: "\(error)",
                side: .plugin, remedy: "the plugin must listen before it prints its handshake, and speak gRPC without TLS")
        }
        self.client.withLock { $0 = client }
        let health = await Self.health(client, deadline: deadline)
        switch health {
        case .serving, .unimplemented:
            openStdio(client)
            return (client, health)
        case .notServing:
            await client.close()
            throw SupervisionError(
                .unhealthy, "the plugin says of itself that it does not serve (gRPC health check of the service `plugin`)",
                side: .plugin, remedy: "see the plugin's last words")
        case .failed(let reason):
            await client.close()
            throw SupervisionError(
                .unhealthy, "the plugin did not answer its health check", cause: reason, side: .plugin,
                remedy: "the plugin must serve gRPC at the address of its handshake; see its last words")
        }
    }

    /// Asks the health service as go-plugin's `Ping` does. Plugins without one, or without the name, are tolerated.
    static func health(_ client: PluginClient, deadline: NIODeadline) async -> PluginHealth {
        do {
            let reply = try await client.unary(
                HealthMessages.check, ByteBuffer(bytes: HealthMessages.encodeRequest()), metadata: Metadata(), deadline: deadline)
            switch try HealthMessages.decodeResponse(reply.message.readableBytesView) {
            case .serving: return .serving
            case .notServing: return .notServing
            case .serviceUnknown: return .unimplemented
            case .unknown: return .failed("an unknown status")
            }
        } catch let status as GRPCStatus where status.code == .unimplemented || status.code == .notFound {
            return .unimplemented
        } catch {
            return .failed("\(error)")
        }
    }

    /// Only for a better error: what is there when connecting is what counts.
    private static func checkSocket(_ path: String) throws(SupervisionError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            throw SupervisionError(
                .socketMissing, "the plugin announced the socket \(path), and there is none", side: .plugin,
                remedy:
                    "the plugin must listen before it prints its handshake, in the directory that TMPDIR names, on this machine's"
                    + " file system")
        }
    }

    /// Plugins since go-plugin 1.2.2 hand over what they print, and block when nobody takes it.
    private func openStdio(_ client: PluginClient) {
        let output = output
        let loop = launch.eventLoop
        let task = Task {
            let stream = client.serverStream(
                StdioMessages.streamStdio, ByteBuffer(bytes: StdioMessages.request), metadata: Metadata(), deadline: nil)
            do {
                for try await message in stream {
                    guard let (channel, bytes) = try? StdioMessages.decode(message.readableBytesView) else { continue }
                    // Waiting keeps the stream's flow control in force.
                    try await loop.submit { output.value.readStdio(channel, bytes) }.get()
                }
            } catch {
                // UNIMPLEMENTED from old plugins, UNAVAILABLE at the end: neither is news.
            }
            try? await loop.submit { output.value.closeStdio() }.get()
        }
        stdio.withLock { $0 = task }
    }
}
