internal import DataFrames
internal import Translation

/// What the fuzzers feed with bytes, one entry for each reader of the gateway that meets bytes of others.
///
/// The fuzzers (`make fuzz`) and the tests that replay what they found run the same code. Each entry says what must hold for whatever comes in.
package enum FuzzTarget: String, Sendable, CaseIterable {
    /// A `models.DatasourceResponse` of a plugin.
    case response
    /// A `pluginv2.QueryDataRequest` of a host.
    case request
    /// The query model of a request, which is spliced.
    case model
    /// A result's metaJson.
    case meta
    /// An Arrow file of a v2 plugin.
    case arrow
    /// A JSON frame.
    case frame

    /// Nil when everything holds, else what does not.
    package func run(_ input: [UInt8]) -> String? {
        switch self {
        case .response: FuzzAnswers.response(input)
        case .meta: FuzzAnswers.meta(input)
        case .request: FuzzRequests.request(input)
        case .model: FuzzRequests.model(input)
        case .arrow: FuzzFrames.arrow(input)
        case .frame: FuzzFrames.json(input)
        }
    }

    /// How much larger than what came in the result may be: a short row is filled with nulls, up to a million cells.
    static func exceedsBound(_ output: Int, _ input: Int) -> Bool { output > 32 << 20 + 64 * input }
}

enum FuzzFrames {
    static func arrow(_ input: [UInt8]) -> String? {
        let frame: Frame
        do throws(FrameError) {
            frame = try ArrowFile.read(input)
        } catch {
            return place(of: error, in: input)
        }
        do throws(FrameError) {
            _ = try ArrowFile.unknownMetadata(in: input)
            let again = try ArrowFile.write(frame)
            if FuzzTarget.exceedsBound(again.count, input.count) { return "\(input.count) bytes became \(again.count)" }
            if try ArrowFile.read(again).withMetaInOrder != frame.withMetaInOrder {
                return "the frame is another one when it is written and read again"
            }
            let document = try JSONFrame.write(frame)
            let back = try JSONFrame.read(document)
            if try JSONFrame.write(back) != document { return "the document is another one when it is read and written again" }
            return shape(back) == shape(frame.asJSON) ? nil : "JSON has other fields than Arrow"
        } catch {
            return "a frame that was read cannot be written: \(error)"
        }
    }

    static func json(_ input: [UInt8]) -> String? {
        let frame: Frame
        do throws(FrameError) {
            frame = try JSONFrame.read(input)
        } catch {
            return place(of: error, in: input)
        }
        do throws(FrameError) {
            let document = try JSONFrame.write(frame)
            if FuzzTarget.exceedsBound(document.count, input.count) { return "\(input.count) bytes became \(document.count)" }
            if try JSONFrame.read(document).withMetaInOrder != frame.withMetaInOrder {
                return "the frame is another one when it is written and read again"
            }
            let file = try ArrowFile.write(frame)
            return try ArrowFile.read(file).withMetaInOrder == frame.withMetaInOrder ? nil : "Arrow says something else"
        } catch {
            return "a frame that was read cannot be written: \(error)"
        }
    }

    private static func place(of error: FrameError, in input: [UInt8]) -> String? {
        guard let offset = error.byteOffset, !(0...input.count).contains(offset) else { return nil }
        return "an error at byte \(offset) of \(input.count): \(error)"
    }

    private static func shape(_ frame: Frame) -> [String] {
        frame.fields.map { "\($0.name) \($0.nullable) \($0.column.count) \($0.column.nullCount)" }
    }
}
