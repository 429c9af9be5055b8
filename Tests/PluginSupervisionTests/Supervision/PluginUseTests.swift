import NIOCore
import NIOPosix
import Testing

@testable import PluginSupervision

@Suite("Use of a process")
struct PluginUseTests {
    private let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    @Test func `nobody uses it: it is closed at once, and no use begins any more`() async {
        let use = PluginUse()
        let cut = await use.close(by: .distantFuture, on: loop)
        #expect(cut.cutCalls == 0)
        #expect(use.begin("/a") == nil)
    }

    @Test func `the last use that ends lets it be closed`() async throws {
        let use = PluginUse()
        let first = try #require(use.begin("/a"))
        var second = use.begin("/b")
        #expect(use.unusedFor(at: .now()) == nil)
        async let cut = use.close(by: .distantFuture, on: loop)
        first.end()
        first.end()
        // Uses that begin meanwhile belong to a call that was on its way.
        second = nil
        #expect(await cut.cutCalls == 0)
        #expect(second == nil)
        #expect(use.unusedFor(at: .now() + .seconds(5)).map { $0 > .seconds(4) } == true)
    }

    @Test func `what goes on at the deadline is named`() async throws {
        let use = PluginUse()
        let leases = [use.begin("/p.S/Endless"), use.begin("/p.S/Endless"), use.begin("/p.S/Other")]
        let cut = await use.close(by: .now() + .milliseconds(20), on: loop)
        #expect(cut.cutCalls == 3)
        #expect(cut.cuts.map(\.path) == ["/p.S/Endless", "/p.S/Other"])
        #expect(cut.cuts.map(\.count) == [2, 1])
        #expect(leases.count == 3)
    }

    @Test func `many uses at once leave none behind`() async {
        let use = PluginUse()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        let lease = use.begin("/a")
                        await Task.yield()
                        lease?.end()
                    }
                }
            }
        }
        #expect(use.unusedFor(at: .now()) != nil)
        #expect(await use.close(by: .now() + .seconds(60), on: loop).cutCalls == 0)
    }
}
