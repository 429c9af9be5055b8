internal import NIOCore
internal import NIOPosix
internal import Testing

@testable internal import Gateway

@Suite struct LoopLagTests {
    @Test func aLoopThatIsHeldUpIsLateWhileItIsAndAfterwards() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let lag = LoopLag()
        lag.watch(group.makeIterator(), every: .milliseconds(1))
        let gate = Gate()
        let held = Array(group.makeIterator())[1].submit { gate.wait() }
        // However long that takes: the clock goes on while the loop does not.
        while lag.longest < .milliseconds(20) { try await Task.sleep(for: .milliseconds(1)) }
        gate.open()
        try await held.get()
        for loop in group.makeIterator() { try await loop.scheduleTask(in: .milliseconds(5)) {}.futureResult.get() }
        #expect(lag.longest >= .milliseconds(20))
        #expect(lag.takeLongest() >= .milliseconds(20))
        try await group.shutdownGracefully()
    }

    @Test func takingItBeginsAnew() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let lag = LoopLag()
        // It looks only after an hour.
        lag.watch(group.makeIterator(), every: .hours(1))
        #expect(lag.takeLongest() == .zero)
        #expect(lag.longest == .zero)
        try await group.shutdownGracefully()
    }
}
