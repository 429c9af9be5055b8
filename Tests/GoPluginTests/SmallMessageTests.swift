import GoPlugin
import Testing

@Suite struct SmallMessageTests {
    @Test func aHealthRequestHasTheBytesProtobufGivesIt() throws {
        #expect(HealthMessages.encodeRequest() == [0x0A, 6] + Array("plugin".utf8))
        #expect(HealthMessages.encodeRequest(service: "") == [])
        #expect(try HealthMessages.decodeRequest(HealthMessages.encodeRequest(service: "other")) == "other")
        #expect(try HealthMessages.decodeRequest([]) == "")
    }

    @Test(arguments: [HealthMessages.Status.unknown, .serving, .notServing, .serviceUnknown]) func aHealthReplyRoundTrips(
        status: HealthMessages.Status
    ) throws {
        #expect(try HealthMessages.decodeResponse(HealthMessages.encodeResponse(status)) == status)
    }

    @Test func servingHasTheBytesProtobufGivesIt() throws {
        #expect(HealthMessages.encodeResponse(.serving) == [0x08, 1])
        #expect(try HealthMessages.decodeResponse([0x08, 99]) == .unknown)
    }

    @Test func stdioDataHasTheBytesProtobufGivesIt() throws {
        let message = StdioMessages.encode(.stderr, Array("hi".utf8))
        #expect(message == [0x08, 2, 0x12, 2, 0x68, 0x69])
        let decoded = try StdioMessages.decode(message)
        #expect(decoded.channel == .stderr)
        #expect(decoded.data == Array("hi".utf8))
    }

    @Test func aLongPieceOfOutputRoundTrips() throws {
        let data = [UInt8](repeating: 7, count: 70_000)
        #expect(try StdioMessages.decode(StdioMessages.encode(.stdout, data)).data == data)
    }

    @Test func fieldsNobodyKnowsAreSkipped() throws {
        let message: [UInt8] = [0x18, 0x80, 1, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2D, 1, 2, 3, 4, 0x32, 1, 9, 0x08, 1]
        #expect(try StdioMessages.decode(message).channel == .stdout)
        #expect(try StdioMessages.decode([0x08, 77]).channel == .invalid)
    }

    @Test(
        arguments: [
            [0x0A], [0x0A, 5, 1], [0x08], [0x08, 0x80], [0x09, 1], [0x0B, 1], [0x0D, 1, 2], [0x00, 1],
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]])
    func aBrokenMessageThrows(message: [UInt8]) {
        #expect(throws: SmallMessageError.self) { try HealthMessages.decodeRequest(message) }
    }

    @Test func randomBytesNeverTrap() {
        for _ in 0..<20_000 {
            _ = try? StdioMessages.decode((0..<Int.random(in: 0...24)).map { _ in UInt8.random(in: 0...255) })
        }
    }

    @Test func theMethodsAreThoseOfGoPlugin() {
        #expect(ControllerMessages.shutdown == "/plugin.GRPCController/Shutdown")
        #expect(StdioMessages.streamStdio == "/plugin.GRPCStdio/StreamStdio")
        #expect(BrokerMessages.startStream == "/plugin.GRPCBroker/StartStream")
        #expect(HealthMessages.check == "/grpc.health.v1.Health/Check")
    }
}
