internal import CLinux
internal import ControlProtocol
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Telemetry

/// One connection to the control socket: reads requests, one at a time, and answers them.
final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    /// How long a peer may take to say what it wants.
    static let patience = TimeAmount.seconds(10)

    private let registry: AttachmentRegistry
    private let status: StatusSource
    private let reloader: Reloader
    private let logger: Logger
    private let link: LocatorLink
    private var decoder = FrameDecoder()
    private var attachmentID: String?
    private var detached = false
    private var spoken = false
    private var busy = false

    init(channel: any Channel, registry: AttachmentRegistry, status: StatusSource, reloader: Reloader, logger: Logger) {
        self.registry = registry
        self.status = status
        self.reloader = reloader
        self.logger = logger
        link = LocatorLink(channel: channel)
    }

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.patience) { if !bound.value.spoken { bound.value.link.close() } }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        proceed(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let attachmentID {
            let (registry, link, atOnce) = (registry, link, detached)
            Task { await registry.linkLost(link, attachmentID: attachmentID, atOnce: atOnce) }
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func proceed(_ context: ChannelHandlerContext) {
        guard !busy else { return }
        do {
            while !busy, let frame = try decoder.next() {
                spoken = true
                handle(try ControlMessage(frame, reader: .gateway), context)
            }
        } catch let error as ControlError {
            logger.event(
                .attachRefused, at: .warning, "a control message cannot be used", [.reason: error.message, .remedy: error.remedy])
            link.sendLast(.refused(error.refusal))
        } catch {
            link.close()
        }
    }

    private func handle(_ message: ControlMessage, _ context: ChannelHandlerContext) {
        switch message {
        case .attach(let request) where attachmentID == nil: attach(request, context)
        case .detach:
            detached = true
            link.close()
        case .status:
            let (status, link) = (status, link)
            Task { link.send(.statusReport(await status.report())) }
        case .reload:
            let (reloader, link) = (reloader, link)
            withPeer(context) { peer, _ in
                do throws(GatewayError) {
                    try AttachAuthority.check(peer, to: "reload the configuration")
                    link.send(.reloadReport(await reloader.reload().json))
                } catch {
                    link.sendLast(.refused(RefusalError.of(error).refusal))
                }
            }
        case .restart(let pluginID):
            let (registry, link) = (registry, link)
            withPeer(context) { peer, _ in
                switch await registry.restartPlugin(pluginID, peer: peer) {
                case .success(let restarted): link.send(.restarted(restarted))
                case .failure(let refusal): link.sendLast(.refused(refusal.refusal))
                }
            }
        default:
            link.sendLast(
                .refused(
                    Refusal(
                        code: .invalidRequest, message: "the gateway does not expect a message of this kind here",
                        remedy: "plugin-gateway and the locator must come from one release: run plugin-gateway wrap again")))
        }
    }

    private func attach(_ request: AttachRequest, _ context: ChannelHandlerContext) {
        busy = true
        let (registry, link) = (registry, link)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        withPeer(context) { peer, context in
            let answer = await registry.attach(request, peer: peer, link: link)
            bound.eventLoop.execute { bound.value.attached(answer, context.value) }
        }
    }

    /// Goes on with who is at the other end, as the kernel says; hangs up when it does not say.
    private func withPeer(
        _ context: ChannelHandlerContext,
        _ body: @escaping @Sendable (PeerCredentials, NIOLoopBound<ChannelHandlerContext>) async -> Void
    ) {
        let (link, bound) = (link, NIOLoopBound(context, eventLoop: context.eventLoop))
        guard let provider = context.channel as? any SocketOptionProvider else { return link.close() }
        provider.unsafeGetSocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)).whenComplete {
            (result: Result<pg_peer, any Error>) in
            guard case .success(let credentials) = result else { return link.close() }
            let peer = PeerCredentials(pid: credentials.pid, user: credentials.uid, group: credentials.gid)
            Task { await body(peer, bound) }
        }
    }

    private func attached(_ answer: Result<Attached, RefusalError>, _ context: ChannelHandlerContext) {
        busy = false
        switch answer {
        case .success(let attached):
            attachmentID = attached.attachmentID
            guard context.channel.isActive else {
                let (registry, link, id) = (registry, link, attached.attachmentID)
                Task { await registry.linkLost(link, attachmentID: id, atOnce: false) }
                return
            }
            link.send(.attached(attached))
            proceed(context)
        case .failure(let refusal):
            link.sendLast(.refused(refusal.refusal))
        }
    }
}
