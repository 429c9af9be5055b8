/// A data frame: named, typed columns of equal length, with the metadata Grafana attaches to them.
///
/// Names compare by their bytes: two spellings of "é" are two names, as in Grafana and protobuf.
package struct Frame: Sendable {
    /// May be empty; Grafana then shows the frame by its place ("Series (A)").
    package var name: String
    /// The query that this frame answers.
    package var refID: String
    package var meta: FrameMeta?
    package var fields: [Field]

    package init(name: String = "", refID: String = "", meta: FrameMeta? = nil, fields: [Field] = []) {
        self.name = name
        self.refID = refID
        self.meta = meta
        self.fields = fields
    }

    /// Rows of the first field; 0 for a frame without fields. ``validate()`` proves the other fields agree.
    package var rowCount: Int { fields.first?.column.count ?? 0 }

    /// The same frame with only the rows of `range`, clamped to the rows there are. Copies the cells.
    package func rows(in range: Range<Int>) -> Frame {
        var copy = self
        let clamped = range.clamped(to: 0..<rowCount)
        for index in copy.fields.indices {
            copy.fields[index].column = fields[index].column.rows(in: clamped.clamped(to: 0..<fields[index].column.count))
        }
        return copy
    }

    /// Checks what a consumer would crash on or misread in silence: columns of different length, nulls in a field that
    /// says it has none, a text column that outgrew its offsets.
    package func validate() throws(FrameError) {
        let rows = rowCount
        for (index, field) in fields.enumerated() {
            guard field.column.count == rows else {
                throw FrameError(
                    .invalidFrame,
                    "Field \(index) has \(field.column.count) rows, field 0 has \(rows).",
                    remedy: "The producer of the frame must fill every column to the same length.")
            }
            guard field.nullable || field.column.nullCount == 0 else {
                throw FrameError(
                    .invalidFrame,
                    "Field \(index) is not nullable but holds \(field.column.nullCount) nulls.",
                    remedy: "The producer of the frame must mark the field nullable: readers would show zeros for its nulls.")
            }
            guard !field.column.exceededCapacity else {
                throw FrameError(
                    .frameTooLarge,
                    "The text of field \(index) exceeds 4 GiB.",
                    remedy: "The query must return less text, or the producer must split it over several frames.")
            }
        }
    }
}

/// One column of a frame with its name and what Grafana knows about it.
package struct Field: Sendable {
    package var name: String
    /// `nil` and empty differ on the wire: an empty set is written as `{}`, `nil` not at all.
    package var labels: Labels?
    package var config: FieldConfig?
    /// Whether the column may hold nulls. Written into the schema even when it holds none.
    package var nullable: Bool
    package var column: Column

    package init(name: String, labels: Labels? = nil, config: FieldConfig? = nil, nullable: Bool, column: Column) {
        self.name = name
        self.labels = labels
        self.config = config
        self.nullable = nullable
        self.column = column
    }
}

extension Frame: Equatable {
    package static func == (lhs: Frame, rhs: Frame) -> Bool {
        lhs.name.hasSameBytes(as: rhs.name) && lhs.refID.hasSameBytes(as: rhs.refID) && lhs.meta == rhs.meta
            && lhs.fields == rhs.fields
    }
}

extension Field: Equatable {
    package static func == (lhs: Field, rhs: Field) -> Bool {
        lhs.name.hasSameBytes(as: rhs.name) && lhs.nullable == rhs.nullable && lhs.labels == rhs.labels
            && lhs.config == rhs.config && lhs.column == rhs.column
    }
}

extension String {
    /// Equality of the UTF-8 bytes. `==` is canonical equivalence, which merges names that are distinct on the wire.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
