import GatewayTestKit
import NIOCore
import Testing

@testable import Transport

@Suite struct AnswerTests {
    @Test func unaryCallIsAnswered() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering(FakeAnswers.same)
            let host = try await bench.host()
            #expect(try await host.call("/a.B/C", "hello") == "hello")
            let summary = try #require(await router.summaries(atLeast: 1).first)
            #expect(summary.path == "/a.B/C")
            #expect(summary.code == .ok)
            #expect(summary.bytesIn == 10)
            #expect(summary.bytesOut == 10)
            #expect(summary.messagesIn == 1)
            #expect(summary.messagesOut == 1)
            #expect(summary.way == .answered)
            await host.close()
            await server.close()
        }
    }

    @Test func metadataAndTrailersGoBothWays() async throws {
        try await Bench.run { bench in
            let (server, _) = try await bench.answering(FakeAnswers.echo)
            let host = try await bench.host()
            var metadata: Metadata = ["echo-a": "1", "echo-b": "two words", "echo-A": "3"]
            metadata.appendBinary([0, 255, 13, 10], forName: "echo-bytes-bin")
            let reply = try await host.client.unary("/a.B/C", ByteBuffer(string: "x"), metadata: metadata)
            for received in [reply.metadata, reply.trailers] {
                #expect(received.all("echo-a") == ["1", "3"])
                #expect(received.first("echo-b") == "two words")
                #expect(received.binary("echo-bytes-bin") == [[0, 255, 13, 10]])
            }
            await host.close()
            await server.close()
        }
    }

    @Test func statusWithMessageAndDetailsArrives() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering { _ in
                CallEnd(status: GRPCStatus(code: .notFound, message: "nicht gefunden: 100 % ü\n", details: [8, 5, 0]))
            }
            let host = try await bench.host()
            let status = await host.status("/a.B/C")
            #expect(status.code == .notFound)
            #expect(status.message == "nicht gefunden: 100 % ü\n")
            #expect(status.details == [8, 5, 0])
            #expect(await router.summaries(atLeast: 1).first?.code == .notFound)
            await host.close()
            await server.close()
        }
    }

    @Test func hundredsOfConcurrentCallsAreAnswered() async throws {
        try await Bench.run { bench in
            let (server, router) = try await bench.answering(FakeAnswers.same)
            let host = try await bench.host()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<600 {
                    group.addTask {
                        let reply = try await host.call("/a.B/C", "message \(number)")
                        #expect(reply == "message \(number)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(await router.summaries(atLeast: 600).allSatisfy { $0.code == .ok })
            await host.close()
            await server.close()
        }
    }

    @Test func largeMessagesPassInBothDirections() async throws {
        try await Bench.run { bench in
            let (server, _) = try await bench.answering(FakeAnswers.same)
            let host = try await bench.host()
            let message = bytes(12 * 1024 * 1024)
            let reply = try await host.client.unary("/a.B/C", message)
            #expect(reply.message == message)
            await host.close()
            await server.close()
        }
    }
}
