import NIOCore
import NIOHPACK
import Testing

@testable import Transport

@Suite struct FramingTests {
    private let limit = MessageLimit(bytes: 1000, key: "limits.some_key", subject: "message of a test")

    private func framed(_ length: Int, flag: UInt8 = 0) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: [flag])
        buffer.writeInteger(UInt32(length))
        buffer.writeRepeatingByte(UInt8(truncatingIfNeeded: length), count: length)
        return buffer
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 100, 4096])
    func messagesAreCutOutOfPiecesOfAnySize(_ size: Int) throws {
        let lengths = [0, 1, 999, 1000, 5, 0, 0, 300]
        var bytes = ByteBuffer()
        for length in lengths { bytes.writeImmutableBuffer(self.framed(length)) }
        var decoder = MessageDecoder(limit: self.limit, encoding: .identity)
        var counter = MessageCounter()
        var found: [Int] = []
        while bytes.readableBytes > 0 {
            guard let piece = bytes.readSlice(length: min(size, bytes.readableBytes)) else { break }
            counter.count(piece)
            decoder.append(piece)
            while let message = try decoder.next() { found.append(message.readableBytes) }
        }
        #expect(found == lengths)
        #expect(decoder.partialBytes == 0)
        #expect(counter.messages == lengths.count)
        #expect(counter.bytes == lengths.reduce(0, +) + 5 * lengths.count)
    }

    @Test func memoryOfPastMessagesIsGivenBackInAnEndlessStream() throws {
        var decoder = MessageDecoder(limit: self.limit, encoding: .identity)
        var stream = ByteBuffer()
        for _ in 0..<2000 { stream.writeImmutableBuffer(self.framed(900)) }
        var largest = 0
        // Pieces that never end with a message, so that something is always left over.
        while let piece = stream.readSlice(length: min(907, stream.readableBytes)), piece.readableBytes > 0 {
            decoder.append(piece)
            while let message = try decoder.next() { largest = max(largest, message.storageCapacity) }
        }
        #expect(largest < 65536 || largest == stream.storageCapacity)
        #expect(decoder.partialBytes == 0)
    }

    @Test func claimOverTheLimitIsRefusedBeforeTheMessageArrives() throws {
        var decoder = MessageDecoder(limit: self.limit, encoding: .identity)
        decoder.append(ByteBuffer(bytes: [0, 0xFF, 0xFF, 0xFF, 0xFF]))
        let error = #expect(throws: GRPCStatus.self) { try decoder.next() }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("4294967295") == true)
        #expect(error?.message.contains("limits.some_key") == true)
        #expect(error?.message.contains("1000") == true)
    }

    @Test func unknownFlagAndUnannouncedCompressionAreErrorsOfTheSender() {
        var decoder = MessageDecoder(limit: self.limit, encoding: .identity)
        decoder.append(self.framed(3, flag: 2))
        #expect(throws: GRPCStatus.self) { try decoder.next() }
        var other = MessageDecoder(limit: self.limit, encoding: .identity)
        other.append(self.framed(3, flag: 1))
        let error = #expect(throws: GRPCStatus.self) { try other.next() }
        #expect(error?.code == .internal)
    }

    @Test func gzipIsReadUpToTheLimit() throws {
        for length in [0, 1, 500, 1000] {
            let plain = ByteBuffer(repeating: 9, count: length)
            #expect(try Gzip.inflate(try #require(Deflater.gzip(plain)), limit: self.limit) == plain)
        }
        let bomb = try #require(Deflater.gzip(ByteBuffer(repeating: 0, count: 50_000_000)))
        let error = #expect(throws: GRPCStatus.self) { try Gzip.inflate(bomb, limit: self.limit) }
        #expect(error?.code == .resourceExhausted)
    }

    @Test func brokenGzipIsAnErrorOfTheSender() throws {
        let good = try #require(Deflater.gzip(ByteBuffer(repeating: 1, count: 600)))
        var trailing = good
        trailing.writeInteger(UInt8(0))
        let broken = [
            ByteBuffer(), ByteBuffer(string: "not gzip at all"), ByteBuffer(good.readableBytesView.dropLast()), trailing,
        ]
        for bytes in broken {
            let error = #expect(throws: GRPCStatus.self) { try Gzip.inflate(bytes, limit: self.limit) }
            #expect(error?.code == .internal)
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var mutated = good
            let index = Int.random(in: 0..<good.readableBytes, using: &generator)
            mutated.setInteger(UInt8.random(in: 0...255, using: &generator), at: index)
            _ = try? Gzip.inflate(mutated, limit: self.limit)
        }
    }

    @Test(arguments: [
        ("1n", 1), ("99999999n", 99_999_999), ("5u", 5000), ("20m", 20_000_000), ("3S", 3_000_000_000),
        ("2M", 120_000_000_000), ("1H", 3_600_000_000_000), ("0S", 0), ("00000001S", 1_000_000_000),
    ])
    func timeoutsAreRead(_ text: String, _ nanoseconds: Int64) {
        #expect(CallTimeout.parse(text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: ["", "S", "5", "5s", "-1S", "+1S", "1.5S", "123456789S", " 1S", "1S ", "1SS", "१S", "99999999999999999999n"])
    func otherTimeoutsAreRefused(_ text: String) {
        #expect(CallTimeout.parse(text) == nil)
    }

    @Test func hugeTimeoutsDoNotOverflowTheClock() throws {
        let timeout = try #require(CallTimeout.parse("99999999H"))
        #expect(NIODeadline.now() + timeout > .now())
    }

    @Test func timeoutsArePrintedWithinEightDigitsAndNeverShortened() throws {
        for nanoseconds: Int64 in [1, 99_999_999, 100_000_000, 123_456_789_012, 7_777_777_777_777_777, 3_153_600_000_000_000_000]
        {
            let text = CallTimeout.print(.nanoseconds(nanoseconds))
            #expect(text.utf8.count <= 9)
            #expect(try #require(CallTimeout.parse(text)).nanoseconds >= nanoseconds)
        }
        #expect(CallTimeout.print(.nanoseconds(-5)) == "1n")
        #expect(CallTimeout.print(.seconds(30)) == "30000000u")
    }

    @Test(arguments: ["", "plain text", "100 %", "zeile\n\tπ \u{1F600}", "%41", "\u{7F}\u{0}"])
    func statusMessagesSurvive(_ text: String) {
        let encoded = StatusMessage.encode(text)
        #expect(encoded.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        #expect(StatusMessage.decode(encoded) == text)
    }

    @Test func brokenPercentEncodingIsKept() {
        #expect(StatusMessage.decode("100%") == "100%")
        #expect(StatusMessage.decode("%zz%4") == "%zz%4")
        #expect(StatusMessage.decode("%FF") == "\u{FFFD}")
    }

    @Test func statusHeadersSurvive() throws {
        let status = GRPCStatus(code: .aborted, message: "ä", details: [1, 2, 255], metadata: ["x-a": "1"])
        let read = try #require(StatusHeaders.status(in: StatusHeaders.trailers(status)))
        #expect(read.code == .aborted)
        #expect(read.message == "ä")
        #expect(read.details == [1, 2, 255])
        #expect(read.metadata.first("x-a") == "1")
        #expect(StatusHeaders.status(in: ["grpc-status": "99"])?.code == .unknown)
        #expect(StatusHeaders.status(in: ["grpc-status": "x"])?.code == .unknown)
        #expect(StatusHeaders.status(in: [:]) == nil)
    }

    @Test func longStatusMessagesAreCutSoThatTheStatusArrives() {
        let headers = StatusHeaders.trailers(GRPCStatus(code: .internal, message: String(repeating: "é", count: 50_000)))
        #expect(headers.first(name: "grpc-message").map { $0.utf8.count < 13_000 } == true)
    }

    @Test func metadataThatHTTP2CannotCarryIsLeftOut() {
        var headers = HPACKHeaders()
        headers.add([
            "ok": "1", "with space": "1", "": "1", "bad-value": "a\r\nb", "nul": "\0", "grpc-status": "0", "te": "x",
            "connection": "x",
            ":path": "/",
        ])
        #expect(headers.map(\.name) == ["ok"])
    }

    @Test(arguments: [
        ("200", GRPCCode.unknown), ("404", .unimplemented), ("503", .unavailable), ("401", .unauthenticated), ("400", .internal),
    ])
    func httpStatusesAreMapped(_ http: String, _ code: GRPCCode) {
        #expect(StatusMapping.code(httpStatus: http) == code)
    }

    @Test func connectionCreditIsHeldBackOnlyBeyondTheBudget() {
        var credit = InboundCredit(window: 1000, budget: 5000, remaining: 65)
        #expect(credit.increment() == 935)
        #expect(credit.increment() == nil)
        var granted = 1000
        var received = 0
        // A peer that sends all it may, and a consumer that takes nothing.
        while granted > received {
            let bytes = min(100, granted - received)
            received += bytes
            credit.hold(bytes)
            credit.windowIs(granted - received)
            granted += credit.increment() ?? 0
        }
        #expect(received <= 6000)
        #expect(received > 5000)
        credit.release(received)
        #expect(credit.held == 0)
        #expect(credit.increment() == 1000)
    }
}
