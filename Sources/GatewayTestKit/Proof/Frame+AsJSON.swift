package import DataFrames

extension Frame {
    /// The frame as JSON can say it: every NaN is the usual one, text is UTF-8, and a JSON cell that is no JSON is null, as in the plugin SDK.
    package var asJSON: Frame {
        var frame = withMetaInOrder
        for place in fields.indices {
            switch fields[place].column {
            case .float64(let column):
                guard (0..<column.count).contains(where: { column[$0]?.isNaN == true }) else { continue }
                let cells = (0..<column.count).map { row in column[row].map { $0.isNaN ? .nan : $0 } }
                frame.fields[place].column = .float64(PrimitiveColumn(cells))
            case .float32(let column):
                guard (0..<column.count).contains(where: { column[$0]?.isNaN == true }) else { continue }
                let cells = (0..<column.count).map { row in column[row].map { $0.isNaN ? .nan : $0 } }
                frame.fields[place].column = .float32(PrimitiveColumn(cells))
            case .utf8(let column):
                var cells = TextColumn()
                for row in 0..<column.count {
                    if column.validity.isValid(row) {
                        cells.append(utf8: Array(column.bytes(at: row)))
                    } else {
                        cells.appendNull()
                    }
                }
                frame.fields[place].column = .utf8(cells)
            case .json(let column):
                var cells = TextColumn()
                for row in 0..<column.count {
                    let document = column.validity.isValid(row) ? try? JSONText(validating: Array(column.bytes(at: row))) : nil
                    if let document, !document.isNull { cells.appendBytes(document.bytes) } else { cells.appendNull() }
                }
                frame.fields[place].column = .json(cells)
            default: continue
            }
        }
        return frame
    }

    /// With the members of the metadata that frames have no property for in the order of their keys: that of a JSON object means nothing, and
    /// writing puts those that the plugin SDK knows in front.
    package var withMetaInOrder: Frame {
        var frame = self
        frame.meta?.other.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return frame
    }
}
