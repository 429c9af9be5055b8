import Glibc
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct AcceptRestTests {
    @Test func `a socket that rested reads again only where connections are still wanted`() throws {
        for wanted in [true, false] {
            var mayAccept = true
            var failures = 0
            let channel = EmbeddedChannel(handler: AcceptRest({ _ in failures += 1 }, mayAccept: { mayAccept }))
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/nowhere")).wait()
            channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
            #expect(Self.isReading(channel) == false)
            // Such as by a drain.
            mayAccept = wanted
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(250))
            #expect(Self.isReading(channel) == wanted)
            #expect(failures == 1)
            _ = try channel.finish()
        }
    }

    private static func isReading(_ channel: EmbeddedChannel) -> Bool? {
        channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }?.value as? Bool
    }
}
