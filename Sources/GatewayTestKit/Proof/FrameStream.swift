internal import DataFrames
package import PluginProtocolV2
package import Translation

/// What a host makes of the messages of a `QueryChunkedData`, as strictly as the least forgiving one.
package struct FrameStream {
    package struct Fault: Error, CustomStringConvertible {
        package var description: String
    }

    /// An answer in the form of a `QueryData`'s.
    package private(set) var responses: [WireText: ReferenceResponse] = [:]
    /// Messages of each frame, by `refId` and place of the frame.
    package private(set) var chunkCounts: [WireText: [Int]] = [:]
    package private(set) var formats: Set<Int> = []

    private var current: [WireText: String] = [:]
    private var finished: [WireText: Set<String>] = [:]
    private var schemas: [WireText: JSONText] = [:]
    private var ended: Set<WireText> = []
    private let rowLimit: Int

    /// - Parameter rowLimit: the most rows in one message.
    package init(_ messages: [Pluginv2_QueryChunkedDataResponse], rowLimit: Int = .max) throws {
        self.rowLimit = rowLimit
        for message in messages { try add(message) }
    }

    private mutating func add(_ message: Pluginv2_QueryChunkedDataResponse) throws {
        let refID = WireText(message.refID)
        guard !message.refID.isEmpty || message.error.isEmpty == false || !message.frame.isEmpty else {
            throw Fault(description: "a message says nothing")
        }
        guard !message.frameID.isEmpty else { throw Fault(description: "a message has no frameId") }
        guard !ended.contains(refID) else { throw Fault(description: "something comes behind an error") }
        guard message.status != 0 else { throw Fault(description: "a message has no status") }
        formats.insert(message.format.rawValue)
        var response = responses[refID] ?? ReferenceResponse()
        if message.error.isEmpty {
            try append(message, refID, &response)
        } else {
            ended.insert(refID)
            response.status = Int(message.status)
            response.error = message.error
            response.errorSource = message.errorSource
            // Hosts decode an Arrow frame before they look at the error.
            if message.format == .arrow, try !ArrowFile.read(Array(message.frame)).fields.isEmpty {
                throw Fault(description: "the frame of an error has fields")
            }
            guard Int(message.frameID) == response.frames.count else {
                throw Fault(description: "an error has the id of a frame")
            }
        }
        responses[refID] = response
    }

    private mutating func append(
        _ message: Pluginv2_QueryChunkedDataResponse, _ refID: WireText, _ response: inout ReferenceResponse
    ) throws {
        guard message.status == 200, message.errorSource.isEmpty else {
            throw Fault(description: "a frame has the status of an error")
        }
        let bytes = Array(message.frame)
        if current[refID] != message.frameID {
            guard finished[refID, default: []].insert(message.frameID).inserted else {
                throw Fault(description: "the chunks of a frame are not together")
            }
            guard message.frameID == "\(response.frames.count)" else { throw Fault(description: "frames are not counted from 0") }
            current[refID] = message.frameID
            let frame = message.format == .json ? try JSONFrame.read(bytes) : try ArrowFile.read(bytes)
            try check(frame)
            response.frames.append(frame)
            chunkCounts[refID, default: []].append(1)
            schemas[refID] = message.format == .json ? try JSONText(validating: bytes)["schema"] : nil
            return
        }
        var part: Frame
        if message.format == .json {
            guard let schema = schemas[refID] else { throw Fault(description: "data without a schema") }
            guard bytes.starts(with: "{\"data\":".utf8) else { throw Fault(description: "a later chunk has a schema") }
            part = try JSONFrame.read(Array("{\"schema\":".utf8) + schema.bytes + Array(",".utf8) + bytes.dropFirst())
        } else {
            part = try ArrowFile.read(bytes)
        }
        try check(part)
        chunkCounts[refID]?[response.frames.count - 1] += 1
        try response.frames[response.frames.count - 1].append(rowsOf: part)
    }

    private func check(_ frame: Frame) throws {
        guard frame.rowCount <= rowLimit else { throw Fault(description: "a chunk of \(frame.rowCount) rows") }
    }
}

extension Frame {
    /// Puts the rows of a frame of the same fields behind the own ones.
    fileprivate mutating func append(rowsOf other: Frame) throws {
        guard fields.count == other.fields.count else { throw FrameStream.Fault(description: "a chunk has other fields") }
        for place in fields.indices {
            guard let column = fields[place].column.appending(other.fields[place].column) else {
                throw FrameStream.Fault(description: "a chunk has another type of field")
            }
            fields[place].column = column
        }
    }
}

extension Column {
    /// Nil when the types differ. Cell by cell, with what readers of frames see.
    fileprivate func appending(_ other: Column) -> Column? {
        func join<Value>(_ left: PrimitiveColumn<Value>, _ right: PrimitiveColumn<Value>) -> PrimitiveColumn<Value> {
            PrimitiveColumn((0..<left.count).map { left[$0] } + (0..<right.count).map { right[$0] })
        }
        switch (self, other) {
        case (.timestamp(let left), .timestamp(let right)): return .timestamp(join(left, right))
        case (.int8(let left), .int8(let right)): return .int8(join(left, right))
        case (.int16(let left), .int16(let right)): return .int16(join(left, right))
        case (.int32(let left), .int32(let right)): return .int32(join(left, right))
        case (.int64(let left), .int64(let right)): return .int64(join(left, right))
        case (.uint8(let left), .uint8(let right)): return .uint8(join(left, right))
        case (.uint16(let left), .uint16(let right)): return .uint16(join(left, right))
        case (.uint32(let left), .uint32(let right)): return .uint32(join(left, right))
        case (.uint64(let left), .uint64(let right)): return .uint64(join(left, right))
        case (.float32(let left), .float32(let right)): return .float32(join(left, right))
        case (.float64(let left), .float64(let right)): return .float64(join(left, right))
        case (.enumeration(let left), .enumeration(let right)): return .enumeration(join(left, right))
        case (.bool(let left), .bool(let right)):
            return .bool(BoolColumn((0..<left.count).map { left[$0] } + (0..<right.count).map { right[$0] }))
        case (.utf8(let left), .utf8(let right)): return .utf8(Self.join(left, right))
        case (.json(let left), .json(let right)): return .json(Self.join(left, right))
        default: return nil
        }
    }

    private static func join(_ left: TextColumn, _ right: TextColumn) -> TextColumn {
        var all = TextColumn()
        for column in [left, right] {
            for row in 0..<column.count {
                if column.validity.isValid(row) { all.appendBytes(Array(column.bytes(at: row))) } else { all.appendNull() }
            }
        }
        return all
    }
}
