import NIOCore
import NIOHPACK
import Testing

@testable import Transport

/// Header blocks that other encoders wrote, and blocks that are wrong.
@Suite struct HeaderReaderTests {
    private static func read(_ reader: inout HeaderReader, _ block: [UInt8]) -> Result<HeaderReader.Fields, HeaderReader.Failure>
    {
        block.withUnsafeBytes { bytes in
            do throws(HeaderReader.Failure) {
                return .success(try reader.read(bytes))
            } catch {
                return .failure(error)
            }
        }
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.filter { !$0.isWhitespace }
        return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
            UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
        }
    }

    /// RFC 7541 appendix C.3, C.4 (Huffman), C.5 and C.6 (with eviction).
    @Test func examplesOfTheSpecificationAreRead() {
        let requests = [
            [
                "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865",
                "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
            ],
            [
                "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
                "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
            ],
        ]
        for blocks in requests {
            var reader = HeaderReader(maximumBlock: 1000)
            let paths = blocks.map { try? Self.read(&reader, Self.bytes($0)).get().path }
            #expect(paths == ["/", "/", "/index.html"])
        }
        let replies = [
            [
                "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                "4803 3330 37c1 c0bf",
            ],
            [
                "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
                "4883 640e ffc1 c0bf",
            ],
        ]
        for blocks in replies {
            var reader = HeaderReader(maximumBlock: 1000)
            #expect((try? Self.read(&reader, [0x3F, 0xE1, 0x01]).get()) != nil)
            #expect(blocks.map { try? Self.read(&reader, Self.bytes($0)).get().httpStatus } == ["302", "307"])
        }
    }

    @Test(arguments: [true, false]) func whatAnEncoderWritesIsReadWhileItsTableChanges(huffman: Bool) throws {
        var random = SystemRandomNumberGenerator()
        let texts = ["/a.B/C", "/pluginv2.Data/QueryData", "/" + String(repeating: "ü%~\u{1}", count: 30), "0", "14", ""]
        for _ in 0..<60 {
            var encoder = HPACKEncoder(allocator: ByteBufferAllocator(), useHuffmanEncoding: huffman)
            var reader = HeaderReader(maximumBlock: 100_000)
            encoder.maximumDynamicTableSize = 16_384
            reader.allowTable(16_384)
            for _ in 0..<60 {
                if Int.random(in: 0..<12, using: &random) == 0 {
                    try encoder.setDynamicTableSize([0, 64, 200, 4096, 16_384].randomElement(using: &random) ?? 0)
                }
                var headers = HPACKHeaders()
                var expected = HeaderReader.Fields()
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    let indexing: HPACKIndexing =
                        [.indexable, .nonIndexable, .neverIndexed].randomElement(using: &random) ?? .indexable
                    let value = texts.randomElement(using: &random) ?? ""
                    switch Int.random(in: 0..<6, using: &random) {
                    case 0:
                        expected.path = value
                        headers.add(name: ":path", value: value, indexing: indexing)
                    case 1:
                        expected.grpcStatus = value
                        headers.add(name: "grpc-status", value: value, indexing: indexing)
                    case 2:
                        expected.httpStatus = ["200", "404", "503"].randomElement(using: &random)
                        headers.add(name: ":status", value: expected.httpStatus ?? "", indexing: indexing)
                    default:
                        let name =
                            ["authorization", "x-\(Int.random(in: 0..<20, using: &random))", "cookie", "grpc-message"]
                            .randomElement(using: &random) ?? "x"
                        headers.add(name: name, value: value + "\(UInt8.random(in: 0...255, using: &random))", indexing: indexing)
                    }
                }
                var block = ByteBuffer()
                try encoder.encode(headers: headers, to: &block)
                #expect(Self.read(&reader, Array(block.readableBytesView)) == .success(expected))
            }
        }
    }

    @Test func everyCharacterSurvivesTheHuffmanCode() throws {
        for number in stride(from: UInt32(0), to: 0x11_0000, by: 61) {
            guard let scalar = Unicode.Scalar(number), let low = Unicode.Scalar(number & 0xFF) else { continue }
            let value = "a\(Character(scalar))\(Character(low))"
            var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
            var block = ByteBuffer()
            try encoder.encode(headers: HPACKHeaders([(":path", value)]), to: &block)
            var reader = HeaderReader(maximumBlock: 1000)
            #expect(Self.read(&reader, Array(block.readableBytesView)) == .success(HeaderReader.Fields(path: value)))
        }
    }

    @Test(
        arguments: [
            ("80", .unknownIndex),  // Index 0.
            ("be", .unknownIndex),  // The first of an empty table.
            ("ff ff ff ff ff ff", .malformed),  // An index without an end.
            ("44 05 2f", .malformed),  // A text that is longer than the block.
            ("44", .malformed), ("40", .malformed), ("00 01", .malformed),
            ("44 81 00", .malformed),  // Padding of zeros.
            ("44 84 ff ff ff ff", .malformed),  // The end of the text, which must not be written.
            ("44 82 ff ff", .malformed),  // Padding of more than seven bits.
            ("3f e2 1f", .tableTooLarge),  // 4097 bytes.
        ] as [(String, HeaderReader.Failure)])
    func brokenBlocksAreRefused(_ block: String, _ failure: HeaderReader.Failure) {
        var reader = HeaderReader(maximumBlock: 1000)
        #expect(Self.read(&reader, Self.bytes(block)) == .failure(failure), "\(block)")
    }

    @Test func sizesAreBounded() {
        var small = HeaderReader(maximumBlock: 100)
        // 5 + 60 + 32 bytes fit, one more field does not.
        #expect((try? Self.read(&small, [0x04, 60] + [UInt8](repeating: 65, count: 60)).get()) != nil)
        #expect(Self.read(&small, [0x04, 60] + [UInt8](repeating: 65, count: 60) + [0x82]) == .failure(.blockTooLarge))
        // However much SETTINGS allow, the table does not grow beyond its own bound.
        var large = HeaderReader(maximumBlock: 100)
        large.allowTable(Int(UInt32.max))
        #expect((try? Self.read(&large, [0x3F, 0xE1, 0xFF, 0x03]).get()) != nil)
        #expect(Self.read(&large, [0x3F, 0xE2, 0xFF, 0x03]) == .failure(.tableTooLarge))
    }

    @Test func noiseDoesNoHarm() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var reader = HeaderReader(maximumBlock: 4096)
            for _ in 0..<4 {
                let block = (0..<Int.random(in: 0...48, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                if case .failure = Self.read(&reader, block) { break }
            }
        }
    }
}
