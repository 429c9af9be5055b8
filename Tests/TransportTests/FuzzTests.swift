import GatewayTestKit
import Testing

@testable import Transport

/// Thousands of connections of nonsense, while another host keeps calling.
@Suite struct FuzzTests {
    /// The seed is printed with a failure, which makes it repeatable.
    @Test(arguments: [UInt64.random(in: 0...UInt64.max)])
    func serverSurvivesGarbageAndMutatedFrames(_ seed: UInt64) async throws {
        try await Bench.run { bench in
            let way = try await bench.forwarding(FakeAnswers.same)
            let plugin = way.client
            let router = FakeRouter { head in
                switch head.path.utf8.count % 3 {
                case 0: .answer(FakeAnswers.same)
                case 1: .forward(plugin)
                default: .refuse(GRPCStatus(code: .unimplemented, message: "no"))
                }
            }
            let server = try await HostServer.listen(on: bench.loop, path: bench.directory.file("fuzz"), router: router)
            let good = try await FakeHost.connect(on: bench.loop, path: server.path)
            let path = server.path
            let attack = Task {
                await OffThread.run { () -> Int in
                    var mutator = Mutator(state: seed)
                    var connected = 0
                    for _ in 0..<2000 {
                        guard let peer = RawPeer(path: path) else { continue }
                        connected += 1
                        peer.write(mutator.connection())
                    }
                    return connected
                }
            }
            var calls = 0
            while !attack.isCancelled {
                #expect(try await good.call("/a.B/CC", "\(calls)") == "\(calls)")
                calls += 1
                if calls % 50 == 0, await server.load().connections <= 1, await attack.isFinished { break }
            }
            #expect(await attack.value > 1000)
            #expect(await eventually { await server.load().connections == 1 })
            #expect(await eventually { await plugin.load().openStreams == 0 })
            #expect(await server.load().heldBytes == 0)
            #expect(await plugin.load().heldBytes == 0)
            await good.close()
            await server.close()
            await way.stop()
        }
    }
}

extension Task where Success == Int, Failure == Never {
    /// Whether the task is done, without waiting for it longer than a tick.
    fileprivate var isFinished: Bool {
        get async {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    _ = await self.value
                    return true
                }
                group.addTask {
                    try? await Task<Never, Never>.sleep(for: .milliseconds(1))
                    return false
                }
                let first = await group.next() ?? false
                if first { group.cancelAll() }
                return first
            }
        }
    }
}

/// Makes connections that are nearly right.
struct Mutator {
    var state: UInt64

    /// SplitMix64.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }
    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: self.next()) }

    mutating func connection() -> [UInt8] {
        switch self.below(10) {
        case 0:
            return (0..<self.below(400)).map { _ in self.byte() }
        case 1:
            return RawPeer.preface + (0..<self.below(400)).map { _ in self.byte() }
        case 2...5:
            return self.mutate(self.conversation())
        default:
            return self.conversation() + self.oddFrames()
        }
    }

    /// A correct one.
    private mutating func conversation() -> [UInt8] {
        var bytes = RawPeer.preface + RawPeer.frame(type: 4, [0, 4, 0, 0, 0xFF, 0xFF])
        for index in 0..<(1 + self.below(5)) {
            let stream = UInt32(index * 2 + 1)
            bytes += RawPeer.headers(stream: stream, RawPeer.call("/a.B/" + String(repeating: "C", count: 1 + self.below(3))))
            let size = self.below(300)
            bytes += RawPeer.frame(
                type: 0, flags: UInt8(self.below(2)), stream: stream,
                [0, 0, 0, UInt8(size >> 8), UInt8(size & 255)] + [UInt8](repeating: 1, count: size))
        }
        return bytes
    }

    private mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<(1 + self.below(6)) {
            // The preface is left alone: what follows it is more interesting.
            let index = 24 + self.below(bytes.count - 24)
            switch self.below(4) {
            case 0: bytes[index] = self.byte()
            case 1: bytes[index] ^= 1 << UInt8(self.below(8))
            case 2: bytes.remove(at: index)
            default: bytes.insert(self.byte(), at: index)
            }
            if bytes.count < 40 { break }
        }
        return Array(bytes.prefix(24 + self.below(bytes.count)))
    }

    private mutating func oddFrames() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<self.below(20) {
            bytes += RawPeer.frame(
                type: UInt8(self.below(12)), flags: self.byte(), stream: UInt32(self.below(14)),
                (0..<self.below(40)).map { _ in self.byte() })
        }
        return bytes
    }
}
