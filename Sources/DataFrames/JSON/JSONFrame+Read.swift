extension JSONFrame {
    /// Reads one document.
    ///
    /// Strict where Grafana's decoder fails or panics: unknown keys beside schema and data, data before its schema, entities
    /// before their values, unknown column types, surplus or unequal columns, nulls where none may be. Memory is bounded by a
    /// multiple of the document's size: no cell takes more than 32 bytes for each byte that it was written with.
    /// - Throws: ``FrameError``: `malformedJSON`, `malformedFrameJSON` or `malformedMetadata`, with the place.
    package static func read(_ document: [UInt8]) throws(FrameError) -> Frame {
        try withBytes(of: document) { raw throws(FrameError) in
            var reader = FrameReader(scanner: JSONScanner(raw))
            return try reader.document()
        }
    }
}

/// Walks a document once, filling the frame.
struct FrameReader {
    var scanner: JSONScanner
    var frame = Frame()

    func violation(_ what: String, at offset: Int? = nil) -> FrameError {
        FrameError(
            .malformedFrameJSON, "The document is not a data frame: \(what).",
            remedy: "The plugin that made the frame must write it as the plugin SDK does.", byteOffset: offset ?? scanner.position
        )
    }

    mutating func document() throws(FrameError) -> Frame {
        guard scanner.peek() == UInt8(ascii: "{") else { throw violation("it is not an object") }
        try scanner.beginObject()
        var hasSchema = false
        var hasData = false
        var first = true
        while let key = try scanner.nextKey(&first) {
            switch key {
            case "schema" where !hasSchema && !hasData:
                hasSchema = true
                try schema()
            case "data" where hasSchema && !hasData:
                hasData = true
                try data()
            case "data" where !hasSchema: throw violation("data comes before the schema")
            case "schema", "data": throw violation("\(key) appears twice")
            default: throw violation("an unknown key stands beside schema and data")
            }
        }
        try scanner.expectEnd()
        guard hasSchema else { throw violation("it has no schema") }
        return frame
    }

    // MARK: Schema

    private mutating func schema() throws(FrameError) {
        try beginObject("the schema")
        var first = true
        while let key = try scanner.nextKey(&first) {
            switch key {
            case "name": frame.name = try text("the frame's name")
            case "refId": frame.refID = try text("refId")
            case "meta": frame.meta = try scanner.meta()
            case "fields": try fields()
            default: _ = try scanner.skipValue()
            }
        }
    }

    private mutating func fields() throws(FrameError) {
        guard frame.fields.isEmpty else { throw violation("fields appear twice") }
        if scanner.takeNull() { return }
        try beginArray("fields")
        var first = true
        while try scanner.nextElement(&first) { frame.fields.append(try field()) }
    }

    private mutating func field() throws(FrameError) -> Field {
        let start = scanner.position
        var field = Field(name: "", nullable: false, column: .bool(BoolColumn()))
        var hasType = false
        try beginObject("a field")
        var first = true
        while let key = try scanner.nextKey(&first) {
            switch key {
            case "name": field.name = try text("a field's name")
            case "labels": field.labels = try scanner.labels()
            case "config": field.config = try scanner.config()
            case "typeInfo":
                hasType = true
                try typeInfo(of: &field)
            default: _ = try scanner.skipValue()
            }
        }
        guard hasType else { throw violation("a field has no typeInfo", at: start) }
        return field
    }

    private mutating func typeInfo(of field: inout Field) throws(FrameError) {
        let start = scanner.position
        var kind: ColumnKind?
        try beginObject("typeInfo")
        var first = true
        while let key = try scanner.nextKey(&first) {
            switch key {
            case "frame":
                let name = try text("typeInfo.frame")
                kind = ColumnKind(rawValue: name)
                if kind == nil { throw violation("typeInfo.frame names no type of data frames", at: start) }
            case "nullable":
                if scanner.takeLiteral("true") {
                    field.nullable = true
                } else if !scanner.takeLiteral("false"), !scanner.takeNull() {
                    throw violation("nullable is not a boolean")
                }
            default: _ = try scanner.skipValue()
            }
        }
        guard let kind else { throw violation("typeInfo has no frame type", at: start) }
        field.column = kind.emptyColumn
    }

    // MARK: Shapes

    mutating func beginObject(_ what: String) throws(FrameError) {
        guard scanner.peek() == UInt8(ascii: "{") else { throw violation("\(what) is not an object") }
        try scanner.beginObject()
    }

    mutating func beginArray(_ what: String) throws(FrameError) {
        guard scanner.peek() == UInt8(ascii: "[") else { throw violation("\(what) is not an array") }
        try scanner.beginArray()
    }

    /// A string; null counts as empty, as in Go.
    private mutating func text(_ what: String) throws(FrameError) -> String {
        if scanner.takeNull() { return "" }
        guard scanner.peek() == UInt8(ascii: "\"") else { throw violation("\(what) is not a string") }
        return try scanner.string()
    }
}
