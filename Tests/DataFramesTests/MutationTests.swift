import DataFrames
import Testing

/// Damaged files must end in an error or in a frame, never in a crash.
@Suite struct MutationTests {
    private func mutate(_ bytes: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &numbers) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &numbers)
            switch Int.random(in: 0..<8, using: &numbers) {
            case 0: bytes.removeLast(bytes.count - place)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &numbers), at: place)
            case 3: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            case 4: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &numbers) ?? 0
            case 5:
                // A length or offset of 32 bits gone wrong.
                let word = place & ~3
                let values: [UInt32] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, UInt32(bytes.count)]
                let value = values.randomElement(using: &numbers) ?? 0
                if word + 4 <= bytes.count {
                    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(word..<word + 4, with: $0) }
                }
            case 6:
                let other = Int.random(in: 0..<bytes.count, using: &numbers)
                bytes.swapAt(place, other)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...32, using: &numbers))
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0..<bytes.count, using: &numbers))
            }
        }
        return bytes
    }

    @Test func damagedArrowFilesNeverCrash() throws {
        var frames = RandomFrames(numbers: .fresh())
        var accepted = 0
        for _ in 0..<200 {
            let file = try ArrowFile.write(
                frames.frame(maximumRows: 20, maximumFields: 5), bodyLimit: frames.numbers.chance(50) ? 4000 : .max)
            for _ in 0..<100 {
                // The magic at the end stays, or nothing behind it would be read.
                var damaged = mutate(Array(file.dropLast(6)), &frames.numbers)
                damaged += file.suffix(6)
                guard let frame = try? ArrowFile.read(damaged) else { continue }
                accepted += 1
                // What was accepted holds together: it can be written again, and takes no more memory than the file allows.
                let again = try ArrowFile.write(frame)
                try #require(again.count <= 64 * damaged.count + 65536, "seed \(frames.numbers.seed)")
                _ = try JSONFrame.write(frame)
                _ = FrameTable.render(frame, maxRows: 3)
            }
        }
        #expect(accepted > 0)
    }

    @Test func cutArrowFilesAreErrors() throws {
        let file = try ArrowFile.write(Samples.allTypes())
        for length in 0..<file.count {
            #expect(throws: FrameError.self) { try ArrowFile.read(Array(file.prefix(length))) }
        }
    }

    @Test func damagedDocumentsNeverCrash() throws {
        var frames = RandomFrames(numbers: .fresh())
        for _ in 0..<200 {
            let document = try JSONFrame.write(frames.frame(maximumRows: 12, maximumFields: 4))
            for _ in 0..<100 {
                guard let frame = try? JSONFrame.read(mutate(document, &frames.numbers)) else { continue }
                _ = try ArrowFile.write(frame)
            }
        }
    }

    @Test func cutDocumentsAreErrors() throws {
        let document = try JSONFrame.write(Samples.allTypes())
        for length in 0..<document.count {
            #expect(throws: FrameError.self) { try JSONFrame.read(Array(document.prefix(length))) }
        }
    }
}
