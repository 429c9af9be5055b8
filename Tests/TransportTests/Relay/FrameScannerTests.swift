import Testing

@testable import Transport

/// Frames as the scanner sees them.
@Suite struct FrameScannerTests {
    struct Seen: Equatable {
        var head: FrameHead
        var content: [UInt8]
    }

    /// What comes of bytes that arrive in the given pieces.
    private func scan(_ pieces: [[UInt8]], expectsPreface: Bool = false) -> (seen: [Seen], scanner: FrameScanner) {
        var scanner = FrameScanner(expectsPreface: expectsPreface)
        var seen: [Seen] = []
        var content: [UInt8] = []
        for piece in pieces {
            piece.withUnsafeBytes { bytes in
                var index = 0
                while let step = scanner.next(in: bytes, from: &index) {
                    switch step {
                    case .content(let range): content += bytes[range]
                    case .frameEnded:
                        seen.append(Seen(head: scanner.frame, content: content))
                        content = []
                    }
                }
            }
        }
        return (seen, scanner)
    }

    /// Frames of every kind, with padding, priority and continuations, and what is in them.
    private static let frames: [(bytes: [UInt8], content: [UInt8])] = [
        (RawPeer.frame(type: 4), []),
        (RawPeer.frame(type: 4, [0, 1, 0, 0, 16, 0]), [0, 1, 0, 0, 16, 0]),
        (RawPeer.frame(type: 1, flags: 4, stream: 1, [0x82, 0x83]), [0x82, 0x83]),
        (RawPeer.frame(type: 1, flags: 4 | 0x20, stream: 3, [0, 0, 0, 0, 9, 0x84]), [0x84]),
        (RawPeer.frame(type: 1, flags: 4 | 8, stream: 5, [2, 0x85, 0, 0]), [0x85]),
        (RawPeer.frame(type: 1, flags: 4 | 8 | 0x20, stream: 7, [3, 0, 0, 0, 0, 1, 0x86, 0x87, 0, 0, 0]), [0x86, 0x87]),
        (RawPeer.frame(type: 1, flags: 0, stream: 9, [0x88]), [0x88]),
        (RawPeer.frame(type: 9, flags: 0, stream: 9, []), []),
        (RawPeer.frame(type: 9, flags: 4, stream: 9, [0x89, 0x8A]), [0x89, 0x8A]),
        (RawPeer.frame(type: 0, stream: 1, [1, 2, 3]), [1, 2, 3]),
        (RawPeer.frame(type: 0, flags: 8, stream: 1, [0, 4]), [4]),
        (RawPeer.frame(type: 0, flags: 8, stream: 1, [4, 0, 0, 0, 0]), []),
        (RawPeer.frame(type: 0, flags: 9, stream: 1, [1, 5, 0]), [5]),
        (RawPeer.frame(type: 0, flags: 1, stream: 0x7FFF_FFFF, []), []),
        (RawPeer.frame(type: 3, stream: 1, [0, 0, 0, 8]), [0, 0, 0, 8]),
        (RawPeer.frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8]), [1, 2, 3, 4, 5, 6, 7, 8]),
        (RawPeer.frame(type: 8, [0, 0, 1, 0]), [0, 0, 1, 0]),
        (RawPeer.frame(type: 0xEE, flags: 0xFF, stream: 2, [7]), [7]),
        (RawPeer.frame(type: 7, [0, 0, 0, 0, 0, 0, 0, 0]), [0, 0, 0, 0, 0, 0, 0, 0]),
    ]
    private static let bytes = frames.flatMap(\.bytes)

    @Test func framesAreSeenWhateverPiecesTheyComeIn() {
        let whole = self.scan([Self.bytes])
        #expect(whole.seen.map(\.content) == Self.frames.map(\.content))
        #expect(whole.seen.map(\.head.type) == Self.frames.map { $0.bytes[3] })
        #expect(whole.seen[13].head.stream == 0x7FFF_FFFF)
        #expect(whole.scanner.isAtBoundary)
        for cut in 0...Self.bytes.count {
            #expect(self.scan([Array(Self.bytes[..<cut]), Array(Self.bytes[cut...])]).seen == whole.seen, "cut at \(cut)")
        }
        #expect(self.scan(Self.bytes.map { [$0] }).seen == whole.seen)
    }

    @Test func boundariesAreBetweenFramesAndNotInHeaderBlocks() {
        var ends: Set<Int> = []
        var offset = 0
        for (index, frame) in Self.frames.enumerated() {
            offset += frame.bytes.count
            // 6 and 7 are parts of a block that goes on.
            if index != 6, index != 7 { ends.insert(offset) }
        }
        for cut in 0...Self.bytes.count {
            #expect(self.scan([Array(Self.bytes[..<cut])]).scanner.isAtBoundary == ends.contains(cut), "cut at \(cut)")
        }
    }

    @Test func prefaceComesFirst() {
        let bytes = RawPeer.preface + Self.bytes
        for cut in 0...RawPeer.preface.count {
            let (seen, scanner) = self.scan([Array(bytes[..<cut]), Array(bytes[cut...])], expectsPreface: true)
            #expect(seen.count == Self.frames.count)
            #expect(scanner.lostReason == nil)
        }
        #expect(self.scan([Array("GET / HTTP/1.1\r\n\r\n".utf8)], expectsPreface: true).scanner.lostReason != nil)
        #expect(!self.scan([RawPeer.preface], expectsPreface: true).scanner.isAtBoundary)
    }

    @Test(arguments: [
        RawPeer.frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8]),  // Not SETTINGS.
        RawPeer.frame(type: 4) + RawPeer.frame(type: 9, flags: 4, stream: 1, [0x82]),
        RawPeer.frame(type: 4) + RawPeer.frame(type: 1, stream: 1, [0x82]) + RawPeer.frame(type: 0, stream: 1, [1]),
        RawPeer.frame(type: 4) + RawPeer.frame(type: 0, flags: 8, stream: 1, [2, 1]),
        RawPeer.frame(type: 4) + RawPeer.frame(type: 0, flags: 8, stream: 1, []),
        RawPeer.frame(type: 4) + RawPeer.frame(type: 1, flags: 0x24, stream: 1, [0, 0, 0]),
    ])
    func whatIsNotHTTP2IsLost(_ bytes: [UInt8]) {
        for pieces in [[bytes], bytes.map { [$0] }] {
            let scanner = self.scan(pieces).scanner
            #expect(scanner.lostReason != nil)
            #expect(!scanner.isAtBoundary)
        }
    }

    @Test func anythingIsScannedToItsEndOrLost() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var bytes = RawPeer.frame(type: 4)
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                bytes += RawPeer.frame(
                    type: .random(in: 0...10, using: &random), flags: .random(in: 0...255, using: &random),
                    stream: .random(in: 0...9, using: &random), payload)
            }
            bytes += (0..<Int.random(in: 0...30, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let whole = self.scan([bytes])
            let apart = self.scan(bytes.map { [$0] })
            #expect(whole.seen == apart.seen)
            #expect(whole.scanner.lostReason == apart.scanner.lostReason)
            #expect(whole.scanner.isAtBoundary == apart.scanner.isAtBoundary)
        }
    }
}
