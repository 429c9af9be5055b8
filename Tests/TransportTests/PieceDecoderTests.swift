import NIOCore
import Testing

@testable import Transport

@Suite struct PieceDecoderTests {
    private let limit = MessageLimit(bytes: 1000, key: "limits.some_key", subject: "message of a test")

    private func framed(_ length: Int, flag: UInt8 = 0) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: [flag])
        buffer.writeInteger(UInt32(length))
        buffer.writeBytes((0..<length).map { UInt8(truncatingIfNeeded: $0) })
        return buffer
    }

    @Test(arguments: [1, 2, 5, 6, 7, 300, 4096])
    func whatArrivesIsHandedOnInOrderWhateverItsPieces(_ size: Int) throws {
        var bytes = framed(700)
        var decoder = PieceDecoder(limit: limit, encoding: .identity)
        var sizes: [Int] = []
        var content: [UInt8] = []
        while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)), piece.readableBytes > 0 {
            decoder.append(piece)
            while let step = try decoder.next() {
                switch step {
                case .begins(let size): sizes.append(size)
                case .piece(let piece): content += piece.readableBytesView
                }
            }
            #expect(decoder.isInMessage == (bytes.readableBytes > 0))
        }
        #expect(sizes == [700])
        #expect(content == (0..<700).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test func aClaimOverTheLimitIsRefusedBeforeAnythingIsStored() {
        var decoder = PieceDecoder(limit: limit, encoding: .identity)
        decoder.append(ByteBuffer(bytes: [0, 0xff, 0xff, 0xff, 0xff]))
        #expect { try decoder.next() } throws: { ($0 as? GRPCStatus)?.code == .resourceExhausted }
    }

    @Test func aFlagThatDoesNotExistIsRefused() {
        var decoder = PieceDecoder(limit: limit, encoding: .identity)
        decoder.append(framed(3, flag: 2))
        #expect { try decoder.next() } throws: { ($0 as? GRPCStatus)?.code == .internal }
    }
}
