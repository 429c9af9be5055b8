internal import DataFrames

/// Arrow frames of a plugin as the JSON that its host asked for.
struct ArrowToJSON {
    static let path: LossPath = "pluginv2.DataResponse.frames"

    let options: TranslationOptions

    /// Whether the frames of an answer are to be converted.
    static func isWanted(request: FrameFormat, answer: Int32, _ options: TranslationOptions) -> Bool {
        options.convertFrames == .json && request == .json && answer == FrameFormat.arrow.rawValue
    }

    /// The frame of an Arrow file. Nil, with an entry, when it cannot be read, or when the operator refuses what would be lost of it: the
    /// file then has to pass as it is, which hosts accept.
    func frame(_ file: [UInt8], _ ledger: inout LossLedger) -> Frame? {
        do throws(FrameError) {
            var frame = try ArrowFile.read(file)
            let surplus = try ArrowFile.unknownMetadata(in: file)
            let broken = frame.fields.map { JSONFrame.brokenCells(in: $0.column) }
            let brokenCells = broken.reduce(0, +)
            if surplus + brokenCells > 0, options.losses.policy(of: Self.path) == .refuse { return nil }
            ledger.add(Self.path, .frameMetadata, count: surplus)
            ledger.add(Self.path, .unusableJSON, count: brokenCells)
            if brokenCells > 0 { Self.tell(of: broken, in: &frame) }
            return frame
        } catch {
            ledger.add(Self.path, .notConverted)
            return nil
        }
    }

    /// A notice for each field with cells that become null.
    private static func tell(of broken: [Int], in frame: inout Frame) {
        var meta = frame.meta ?? FrameMeta()
        for (field, count) in zip(frame.fields, broken) where count > 0 {
            meta.notices.append(
                Notice(severity: .warning, text: "column \"\(field.name)\": \(count) cell(s) that are not JSON became null"))
        }
        frame.meta = meta
    }

    /// One file as one document; nil as for ``frame(_:_:)``.
    func document(_ file: [UInt8], _ ledger: inout LossLedger) -> [UInt8]? {
        frame(file, &ledger).flatMap { document($0, part: .schemaAndData, &ledger) }
    }

    func document(_ frame: Frame, part: JSONFrame.Part, _ ledger: inout LossLedger) -> [UInt8]? {
        do throws(FrameError) {
            return try JSONFrame.write(frame, part: part)
        } catch {
            ledger.add(Self.path, .notConverted)
            return nil
        }
    }
}
