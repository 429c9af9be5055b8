internal import CLinux
internal import ControlProtocol
internal import Glibc
internal import GoPlugin

/// The way of a locator: check the host, attach, print the handshake, forward logs, re-attach when the gateway restarts.
struct Locator {
    /// The version of the plugin protocol that the gateway serves.
    static let servedVersion = 2

    /// An attachment that held for so long was a good one.
    private static let stableSeconds = 5.0

    private let surroundings: Surroundings
    private let controlPath: String
    private var request: AttachRequest
    private var backoff = Backoff()

    /// The exit status of the process.
    static func run() -> Int32 {
        Process.prepare()
        guard let surroundings = Surroundings() else { return 0 }
        do {
            var locator = try Locator(surroundings: surroundings)
            return try locator.work()
        } catch {
            switch error {
            case .host: return 0
            case .failed(let failure):
                surroundings.errorOutput.log(.error, failure.text, [("code", failure.code)], essential: true)
                surroundings.flush()
                return failure.status
            }
        }
    }

    private init(surroundings: Surroundings) throws(Stop) {
        let environment = Process.environment
        let identity = Identity.ofThisProcess
        let offer = HostOffer(environment: environment.entries)
        do {
            try offer.check(served: Self.servedVersion, name: identity.name)
        } catch {
            throw .failed(LocatorFailure(error))
        }

        self.surroundings = surroundings
        controlPath = ControlSocket.path(variable: environment[ControlSocket.variable])
        request = AttachRequest(
            directory: identity.directory, executableName: identity.name,
            environment: ChildEnvironment.handedOver(environment.entries), arguments: Process.arguments,
            workingDirectory: Process.workingDirectory, magicCookieValue: offer.cookie ?? MagicCookie.datasource,
            hostSocketDirectory: offer.socketDirectory, hostSocketGroup: offer.socketGroup)
        if environment.repaired > 0 {
            surroundings.errorOutput.log(
                .warn,
                "\(environment.repaired) environment variables are not valid UTF-8 and are handed over with the bad bytes"
                    + " replaced"
            )
        }
    }

    private mutating func work() throws(Stop) -> Int32 {
        let timeout = AttachTimeout.seconds(Process.environment[AttachTimeout.variable])
        var connection = try attach(until: Moment.now + timeout, seconds: timeout)
        try printHandshake()
        while true {
            let since = Moment.now
            switch try serve(connection) {
            case .ended(let status):
                surroundings.flush()
                return status
            case .lost(let announced):
                surroundings.errorOutput.log(
                    .warn,
                    announced
                        ? "plugin-gateway is stopping or restarting; waiting for it to come back"
                        : "the connection to plugin-gateway is lost; waiting for it to come back", [("socket", controlPath)])
                // A gateway that grants an attachment and breaks it off at once must not be asked without a pause. One that took
                // leave is asked at once: hosts already wait on the socket that the next one serves after this attachment.
                if announced || Moment.now - since > Self.stableSeconds {
                    backoff.reset()
                } else {
                    _ = try surroundings.wait(control: nil, until: Moment.now + backoff.next())
                }
                connection = try attach(until: nil, seconds: timeout)
                surroundings.errorOutput.log(.info, "attached to plugin-gateway again", [("socket", controlPath)])
            }
        }
    }

    /// Prints the line the host waits for. Standard output carries nothing else, ever.
    private func printHandshake() throws(Stop) {
        guard let socket = request.hostSocket else { throw .failed(.badHostSocket) }
        let handshake = HandshakeLine(appVersion: Self.servedVersion, endpoint: .unix(socket))
        // A path that does not come back from its own line would make the host read another one.
        guard (try? HandshakeLine(parsing: handshake.printed.utf8)) == handshake else { throw .failed(.badHostSocket) }
        guard Process.writeAll(STDOUT_FILENO, Array("\(handshake.printed)\n".utf8)) else { throw .host }
    }
}

// MARK: - Attaching

extension Locator {
    /// Asks until the gateway grants the attachment or refuses it; without `deadline` for as long as the host lives.
    private mutating func attach(until deadline: Double?, seconds: Double) throws(Stop) -> ControlConnection {
        var lastProblem = "nothing was tried"
        while true {
            switch try attempt(until: deadline) {
            case .attached(let connection): return connection
            case .tryAgain(let problem): lastProblem = problem
            }
            let pause = Moment.now + backoff.next()
            if let deadline, pause >= deadline {
                throw .failed(.gatewayAbsent(path: controlPath, problem: lastProblem, seconds: seconds))
            }
            _ = try surroundings.wait(control: nil, until: pause)
        }
    }

    private enum Attempt {
        case attached(ControlConnection)
        case tryAgain(String)
    }

    private mutating func attempt(until deadline: Double?) throws(Stop) -> Attempt {
        let connection: ControlConnection
        switch ControlConnection.open(controlPath) {
        case .open(let opened): connection = opened
        case .failed(let number):
            // Before the first handshake only what a starting gateway mends is worth a second try; later everything is.
            let passing = [ENOENT, ECONNREFUSED, EAGAIN, EINTR].contains(number)
            guard passing || deadline == nil else { throw .failed(.cannotConnect(path: controlPath, number: number)) }
            return .tryAgain(Process.text(ofError: number))
        }
        do {
            connection.send(try ControlMessage.attach(request).encoded())
        } catch {
            throw .failed(LocatorFailure(error))
        }
        while true {
            let wake = try surroundings.wait(control: (connection.descriptor, connection.interest), until: deadline)
            if wake == 0 { return .tryAgain("the gateway did not answer") }
            connection.flush()
            while let message = try next(of: connection) {
                switch message {
                case .attached(let attached):
                    try accept(attached)
                    return .attached(connection)
                case .refused(let refusal) where refusal.code == .unavailable: return .tryAgain(refusal.message)
                case .refused(let refusal): throw .failed(LocatorFailure(refusal))
                case .ended(let reason) where reason.code == .gatewayStopping: return .tryAgain(reason.message)
                case .ended(let reason): throw .failed(LocatorFailure(reason))
                case .log(let record): surroundings.errorOutput.forward(record)
                default: throw .failed(.unexpectedMessage)
                }
            }
            if connection.isClosed { return .tryAgain("the gateway closed the connection without an answer") }
        }
    }

    private mutating func accept(_ attached: Attached) throws(Stop) {
        if let known = request.hostSocket, !known.utf8.elementsEqual(attached.hostSocket.utf8) {
            throw .failed(.otherHostSocket)
        }
        request.hostSocket = attached.hostSocket
    }

    /// The next whole message that has arrived.
    private func next(of connection: ControlConnection) throws(Stop) -> ControlMessage? {
        do {
            return try connection.nextMessage()
        } catch {
            throw .failed(LocatorFailure(error))
        }
    }
}

// MARK: - Being attached

extension Locator {
    private enum ServiceEnd {
        case ended(Int32)
        /// With or without a word from the gateway.
        case lost(announced: Bool)
    }

    private func serve(_ connection: ControlConnection) throws(Stop) -> ServiceEnd {
        while true {
            while let message = try next(of: connection) {
                switch message {
                case .log(let record): surroundings.errorOutput.forward(record)
                case .ended(let reason):
                    switch reason.code {
                    case .shutdown, .detached: return .ended(0)
                    case .gatewayStopping: return .lost(announced: true)
                    case .pluginBroken, .other: throw .failed(LocatorFailure(reason))
                    }
                case .refused(let refusal): throw .failed(LocatorFailure(refusal))
                default: throw .failed(.unexpectedMessage)
                }
            }
            if connection.isClosed { return .lost(announced: false) }
            do {
                _ = try surroundings.wait(control: (connection.descriptor, connection.interest), until: nil)
                connection.flush()
            } catch {
                // The host will not come back to this attachment: its plugin need not linger.
                connection.send((try? ControlMessage.detach.encoded()) ?? [])
                throw error
            }
        }
    }
}
