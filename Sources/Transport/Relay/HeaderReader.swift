internal import NIOCore

/// Reads the header blocks of one direction beside the traffic (RFC 7541), for what the accounts of calls need.
///
/// Keeps the sizes of all fields in the dynamic table and the text of three: paths and statuses. Every other value, secrets among
/// them, is passed over and never copied.
struct HeaderReader {
    /// What one header block says.
    struct Fields: Equatable {
        var path: String?
        var httpStatus: String?
        var grpcStatus: String?
    }

    enum Failure: Error, CustomStringConvertible {
        case malformed, unknownIndex, blockTooLarge, tableTooLarge

        var description: String {
            switch self {
            case .malformed: "a header block is not valid HPACK"
            case .unknownIndex: "a header block names a field that is not in the table"
            case .blockTooLarge: "a header block is larger than limits.maximum_header_bytes"
            case .tableTooLarge: "the header table is made larger than was allowed"
            }
        }
    }

    enum Name: UInt8 {
        case path, httpStatus, grpcStatus, other

        init(_ text: some Collection<UInt8>) {
            self =
                if text.elementsEqual(":path".utf8) {
                    .path
                } else if text.elementsEqual(":status".utf8) {
                    .httpStatus
                } else if text.elementsEqual("grpc-status".utf8) {
                    .grpcStatus
                } else {
                    .other
                }
        }
    }

    struct Field {
        var name: Name
        var nameBytes: Int
        var valueBytes: Int
        /// Empty unless the name is one of those that are kept.
        var value: String

        /// RFC 7541 § 4.1.
        var size: Int { self.nameBytes + self.valueBytes + 32 }
    }

    /// A larger table is not followed, whatever SETTINGS allow.
    private static let maximumTable = 64 * 1024

    private let maximumBlock: Int
    /// The newest field first.
    private var table = CircularBuffer<Field>()
    private var tableBytes = 0
    /// What the sender has set in its last change of the table's size.
    private var tableLimit = 4096
    /// What the receiver allows by its SETTINGS. Lower values than before are the sender's business: it must announce them in a block.
    private var allowedTable = 4096
    private var scratch: [UInt8] = []

    /// - Parameter maximumBlock: bytes of one block, coded and decoded.
    init(maximumBlock: Int) {
        self.maximumBlock = maximumBlock
    }

    /// The receiver of this direction allows another size of the table, by SETTINGS_HEADER_TABLE_SIZE.
    mutating func allowTable(_ bytes: Int) {
        self.allowedTable = Swift.max(self.allowedTable, bytes)
    }

    /// Reads one whole block.
    mutating func read(_ block: UnsafeRawBufferPointer) throws(Failure) -> Fields {
        var fields = Fields()
        var index = 0
        var size = 0
        while index < block.count {
            let byte = block[index]
            let field: Field
            if byte & 0x80 != 0 {
                field = try self.field(at: self.integer(block, &index, prefix: 7))
            } else if byte & 0xC0 == 0x40 {
                field = try self.literal(block, &index, prefix: 6)
                self.insert(field)
            } else if byte & 0xE0 == 0x20 {
                try self.resizeTable(self.integer(block, &index, prefix: 5))
                continue
            } else {
                field = try self.literal(block, &index, prefix: 4)
            }
            size += field.size
            guard size <= self.maximumBlock else { throw .blockTooLarge }
            switch field.name {
            case .path: fields.path = field.value
            case .httpStatus: fields.httpStatus = field.value
            case .grpcStatus: fields.grpcStatus = field.value
            case .other: break
            }
        }
        return fields
    }

    // MARK: The table

    private func field(at index: Int) throws(Failure) -> Field {
        if index >= 1, index <= StaticHeaders.all.count { return StaticHeaders.all[index - 1] }
        let own = index - StaticHeaders.all.count - 1
        guard own >= 0, own < self.table.count else { throw .unknownIndex }
        return self.table[offset: own]
    }

    private mutating func insert(_ field: Field) {
        self.evict(downTo: self.tableLimit - field.size)
        guard field.size <= self.tableLimit else { return }
        self.table.prepend(field)
        self.tableBytes += field.size
    }

    private mutating func evict(downTo limit: Int) {
        while self.tableBytes > Swift.max(limit, 0), let last = self.table.popLast() { self.tableBytes -= last.size }
    }

    private mutating func resizeTable(_ size: Int) throws(Failure) {
        guard size <= self.allowedTable, size <= Self.maximumTable else { throw .tableTooLarge }
        self.tableLimit = size
        self.evict(downTo: size)
    }

    // MARK: Representations

    private mutating func literal(_ block: UnsafeRawBufferPointer, _ index: inout Int, prefix: Int) throws(Failure) -> Field {
        let name = try self.integer(block, &index, prefix: prefix)
        var field: Field
        if name > 0 {
            field = try self.field(at: name)
            field.value = ""
        } else {
            let text = try self.string(block, &index)
            field = Field(name: .other, nameBytes: try self.length(text), valueBytes: 0, value: "")
            // No name that is kept has other lengths.
            if (5...11).contains(field.nameBytes) { field.name = try self.name(text) }
        }
        let text = try self.string(block, &index)
        field.valueBytes = try self.length(text)
        if field.name != .other { field.value = try self.value(text) }
        return field
    }

    /// RFC 7541 § 5.1.
    private func integer(_ block: UnsafeRawBufferPointer, _ index: inout Int, prefix: Int) throws(Failure) -> Int {
        let mask = (1 << prefix) - 1
        var value = Int(block[index]) & mask
        index += 1
        guard value == mask else { return value }
        // Four more bytes hold more than any length or index here can be.
        for shift in stride(from: 0, to: 28, by: 7) {
            guard index < block.count else { throw .malformed }
            let byte = Int(block[index])
            index += 1
            value += (byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .malformed
    }

    private struct Text {
        var bytes: UnsafeRawBufferPointer
        var isHuffman: Bool
    }

    private func string(_ block: UnsafeRawBufferPointer, _ index: inout Int) throws(Failure) -> Text {
        guard index < block.count else { throw .malformed }
        let isHuffman = block[index] & 0x80 != 0
        let length = try self.integer(block, &index, prefix: 7)
        guard length <= block.count - index else { throw .malformed }
        defer { index += length }
        return Text(bytes: UnsafeRawBufferPointer(rebasing: block[index..<(index + length)]), isHuffman: isHuffman)
    }

    private func length(_ text: Text) throws(Failure) -> Int {
        guard text.isHuffman else { return text.bytes.count }
        guard let length = HuffmanCode.decodedLength(text.bytes) else { throw .malformed }
        return length
    }

    private mutating func name(_ text: Text) throws(Failure) -> Name {
        guard text.isHuffman else { return Name(text.bytes) }
        try self.decode(text)
        return Name(self.scratch)
    }

    private mutating func value(_ text: Text) throws(Failure) -> String {
        guard text.isHuffman else { return String(decoding: text.bytes, as: UTF8.self) }
        try self.decode(text)
        return String(decoding: self.scratch, as: UTF8.self)
    }

    private mutating func decode(_ text: Text) throws(Failure) {
        self.scratch.removeAll(keepingCapacity: true)
        guard HuffmanCode.decode(text.bytes, into: &self.scratch) else { throw .malformed }
    }
}

/// The fields that every table begins with (RFC 7541 appendix A).
private enum StaticHeaders {
    static let all: [HeaderReader.Field] = {
        let status = ["200", "204", "206", "304", "400", "404", "500"].map { (":status", $0) }
        let first = [
            (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
            (":scheme", "http"), (":scheme", "https"),
        ]
        let named = [
            "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "accept", "access-control-allow-origin",
            "age",
            "allow", "authorization", "cache-control", "content-disposition", "content-encoding", "content-language",
            "content-length", "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires",
            "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
            "link", "location", "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh",
            "retry-after", "server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via",
            "www-authenticate",
        ].map { ($0, $0 == "accept-encoding" ? "gzip, deflate" : "") }
        return (first + status + named).map { name, value in
            let kind = HeaderReader.Name(name.utf8)
            return HeaderReader.Field(
                name: kind, nameBytes: name.utf8.count, valueBytes: value.utf8.count, value: kind == .other ? "" : value)
        }
    }()
}
