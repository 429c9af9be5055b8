import ControlProtocol
import Testing

@Suite struct FrameDecoderTests {
    private func frames(_ bytes: [UInt8], pieces: Int) throws -> [ControlFrame] {
        var decoder = FrameDecoder()
        var frames: [ControlFrame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            decoder.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            while let frame = try decoder.next() { frames.append(frame) }
        }
        #expect(decoder.pendingBytes == 0)
        return frames
    }

    @Test(arguments: [1, 2, 3, 5, 64, 1 << 20]) func framesComeOutWholeInWhateverPiecesTheyArrive(pieces: Int) throws {
        let sent = (0..<50).map { ControlFrame(kind: UInt8($0), payload: [UInt8](repeating: UInt8($0), count: $0 * 37)) }
        var bytes: [UInt8] = []
        for frame in sent { bytes += try frame.encoded() }
        #expect(try frames(bytes, pieces: pieces) == sent)
    }

    @Test func theLayoutIsLengthVersionKindPayload() throws {
        #expect(try ControlFrame(kind: 7, payload: [9, 9]).encoded() == [0, 0, 0, 4, 1, 7, 9, 9])
    }

    @Test func aLengthOverTheLimitIsRefusedBeforeItsBytesArrive() {
        var decoder = FrameDecoder()
        decoder.append([0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: ControlError.self) { try decoder.next() }
        // There is no frame border to go on from.
        decoder.append([0, 0, 0, 2, 1, 2])
        #expect(throws: ControlError.self) { try decoder.next() }
        #expect(decoder.pendingBytes == 0)
    }

    @Test func theLargestMessagePassesAndOneByteMoreDoesNot() throws {
        let largest = ControlFrame(kind: 69, payload: [UInt8](repeating: 1, count: ControlLimits.messageBytes - 2))
        #expect(try frames(try largest.encoded(), pieces: 65536) == [largest])
        #expect(throws: ControlError.self) {
            try ControlFrame(kind: 69, payload: [UInt8](repeating: 1, count: ControlLimits.messageBytes - 1)).encoded()
        }
        var decoder = FrameDecoder()
        decoder.append([0, 0x40, 0, 1])
        #expect(throws: ControlError.self) { try decoder.next() }
    }

    @Test(arguments: [0, 1] as [UInt8]) func aLengthWithoutRoomForVersionAndKindIsRefused(length: UInt8) {
        var decoder = FrameDecoder()
        decoder.append([0, 0, 0, length, 1])
        #expect(throws: ControlError.self) { try decoder.next() }
    }

    @Test func whatIsBufferedIsNotShown() throws {
        var decoder = FrameDecoder()
        decoder.append(try ControlFrame(kind: 1, payload: Array("canary".utf8)).encoded().dropLast())
        var text = "\(decoder) \(String(reflecting: decoder))"
        dump(decoder, to: &text)
        let frame = ControlFrame(kind: 1, payload: [99, 97, 110])
        text += "\(frame) \(String(reflecting: frame))"
        dump(frame, to: &text)
        #expect(!text.contains("99"))
        #expect(!text.contains("payload"))
        #expect(!text.contains("buffer"))
    }

    @Test func fuzzedStreamsEitherDecodeOrThrowAndNeverTrap() throws {
        let seeds = try Samples.all.map { try $0.encoded() }
        for round in 0..<4000 {
            var bytes = seeds[round % seeds.count] + seeds[(round / 7) % seeds.count]
            for _ in 0..<Int.random(in: 1...6) {
                switch Int.random(in: 0...3) {
                case 0: bytes[Int.random(in: bytes.indices)] = UInt8.random(in: 0...255)
                case 1: bytes.remove(at: Int.random(in: bytes.indices))
                case 2: bytes.insert(UInt8.random(in: 0...255), at: Int.random(in: bytes.indices))
                default: bytes = Array(bytes.prefix(max(8, Int.random(in: bytes.indices))))
                }
            }
            var decoder = FrameDecoder()
            var rest = bytes[...]
            do {
                while !rest.isEmpty {
                    let count = Int.random(in: 1...40)
                    decoder.append(rest.prefix(count))
                    rest = rest.dropFirst(count)
                    while let frame = try decoder.next() { _ = try? ControlMessage(frame, reader: .gateway) }
                }
            } catch {
                #expect(!error.message.isEmpty && !error.remedy.isEmpty)
            }
        }
    }
}
