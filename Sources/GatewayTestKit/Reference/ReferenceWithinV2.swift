package import DataFrames
package import PluginProtocolV2
internal import SwiftProtobuf
package import Translation

/// What becomes of the answers of a plugin of the host's own version, on generated messages.
package struct ReferenceWithinV2 {
    private let format: Pluginv2_DataFrameFormat
    private let options: TranslationOptions
    package private(set) var losses = LossLedger()

    /// - Parameter format: the one that the host asked for.
    package init(format: Pluginv2_DataFrameFormat, options: TranslationOptions) {
        self.format = format
        self.options = options
    }

    private func converts(_ answer: Pluginv2_DataFrameFormat) -> Bool {
        options.convertFrames == .json && format == .json && answer == .arrow
    }

    /// Nil for a file that passes as it is.
    private mutating func converted(_ file: [UInt8]) -> Frame? {
        guard let frame = try? ArrowFile.read(file), let surplus = try? ArrowFile.unknownMetadata(in: file) else {
            losses.add("pluginv2.DataResponse.frames", .notConverted)
            return nil
        }
        let broken = frame.fields.map { Self.brokenCells(in: $0.column) }
        let brokenCells = broken.reduce(0, +)
        if surplus + brokenCells > 0, options.losses.policy(of: "pluginv2.DataResponse.frames") == .refuse { return nil }
        losses.add("pluginv2.DataResponse.frames", .frameMetadata, count: surplus)
        losses.add("pluginv2.DataResponse.frames", .unusableJSON, count: brokenCells)
        var asJSON = frame.asJSON
        if brokenCells > 0 {
            ProofTally.shared.add("exceptions", KnownDifference.brokenJSONCell.rawValue)
            var meta = asJSON.meta ?? FrameMeta()
            for (place, field) in frame.fields.enumerated() where broken[place] > 0 {
                let text = "column \"\(field.name)\": \(broken[place]) cell(s) that are not JSON became null"
                meta.notices.append(Notice(severity: .warning, text: text))
            }
            asJSON.meta = meta
        }
        return asJSON
    }

    private static func brokenCells(in column: Column) -> Int {
        guard case .json(let cells) = column else { return 0 }
        return (0..<cells.count).count { row in
            cells.validity.isValid(row) && (try? JSONText(validating: Array(cells.bytes(at: row)))) == nil
        }
    }

    /// A frame of an answer, as it came or as a value to be found in JSON.
    package enum Content: Equatable {
        case bytes([UInt8])
        case json(Frame)
    }

    /// A `QueryData` answer after the conversion: frames of each answer, and the format they are in.
    package mutating func unary(_ answer: Pluginv2_DataResponse) -> (frames: [Content], format: Pluginv2_DataFrameFormat) {
        let asTheyCame = answer.frames.map { Content.bytes(Array($0)) }
        guard converts(answer.format), !answer.frames.isEmpty else { return (asTheyCame, answer.format) }
        var frames: [Content] = []
        for file in answer.frames {
            guard let frame = converted(Array(file)) else { return (asTheyCame, answer.format) }
            frames.append(.json(frame))
        }
        return (frames, .json)
    }

    /// A message of the stream that takes the place of a `QueryData` answer. Chunks of one converted frame are one here.
    package struct Chunk: Equatable {
        package var frameID: String
        package var content: Content?
        package var status: Int
        package var error = ""
        package var errorSource = ""
        package var format: Int

        package init(
            frameID: String, content: Content? = nil, status: Int, error: String = "", errorSource: String = "", format: Int
        ) {
            self.frameID = frameID
            self.content = content
            self.status = status
            self.error = error
            self.errorSource = errorSource
            self.format = format
        }
    }

    /// - Parameter name: the response's full name, for its unknown fields.
    package mutating func stream(_ answer: Pluginv2_DataResponse) -> [Chunk] {
        var chunks: [Chunk] = []
        let known = [0, 1].contains(answer.format.rawValue) ? answer.format.rawValue : 0
        let status = answer.status != 0 ? Int(answer.status) : answer.error.isEmpty ? 200 : 500
        for (place, file) in answer.frames.enumerated() {
            let frame = converts(answer.format) ? converted(Array(file)) : nil
            chunks.append(
                Chunk(
                    frameID: "\(place)", content: frame.map { .json($0) } ?? .bytes(Array(file)),
                    status: answer.error.isEmpty ? status : 200, format: frame == nil ? known : 1))
        }
        losses.add("pluginv2.DataResponse.jsonMeta", .noHome, count: answer.jsonMeta.isEmpty ? 0 : 1)
        if !answer.error.isEmpty {
            let asked = format == .json ? 1 : 0
            chunks.append(
                Chunk(
                    frameID: "\(answer.frames.count)", status: status, error: answer.error, errorSource: answer.errorSource,
                    format: converts(answer.format) || answer.frames.isEmpty ? asked : known))
        }
        return chunks
    }
}
