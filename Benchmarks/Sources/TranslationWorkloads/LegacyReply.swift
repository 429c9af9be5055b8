/// Encoded `models.DatasourceResponse`s, each with one result of refId `A`.
enum LegacyReply {
    /// Series as a metrics store answers: a point every ten seconds, values that wander and need all their digits.
    static func series(_ count: Int, points: Int, seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return result { result in
            for place in 0..<count {
                result.message(4) { series in
                    series.text(1, "node_cpu_seconds_total host-\(place)")
                    series.entry(2, "host", "host-\(place)")
                    series.entry(2, "region", ["eu-west-1", "us-east-1", "ap-south-1"][place % 3])
                    series.entry(2, "job", "node")
                    var (time, value) = (1_700_000_000_000 as Int64, Double.random(in: 0..<100, using: &generator))
                    for _ in 0..<points {
                        series.message(3) {
                            $0.integer(1, time)
                            $0.double(2, value)
                        }
                        time += 10_000
                        value += Double.random(in: -1..<1, using: &generator)
                    }
                }
            }
        }
    }

    /// A table of ten columns: a time, integers, floating point numbers, a flag, texts. One cell in twenty is NULL, the time's excepted.
    static func table(rows: Int, seed: UInt64) -> [UInt8] {
        let columns = ["time", "id", "bytes", "load", "ratio", "temperature", "healthy", "host", "message", "status"]
        var generator = SeededGenerator(seed: seed)
        return result { result in
            result.message(5) { table in
                for column in columns { table.message(1) { $0.text(1, column) } }
                for row in 0..<rows {
                    table.message(2) { cells in
                        for column in columns.indices { cells.message(1) { cell(row, column, &$0, &generator) } }
                    }
                }
            }
        }
    }

    /// The number of columns of ``table(rows:seed:)``.
    static let columns = 10

    private static func cell(_ row: Int, _ column: Int, _ cell: inout MessageBytes, _ generator: inout SeededGenerator) {
        if column > 0, generator.chance(oneIn: 20) { return }
        switch column {
        case 0...2:
            cell.integer(1, 2)
            let value: Int64 =
                switch column {
                case 0: 1_700_000_000_000 + Int64(row) * 250
                case 1: Int64(row)
                default: Int64.random(in: 0...(1 << 40), using: &generator)
                }
            cell.integer(3, value)
        case 3...5:
            cell.integer(1, 1)
            // Two of three as a person would write them.
            let value = Double.random(in: 0..<1000, using: &generator)
            cell.double(2, column == 5 ? value : (value * 100).rounded() / 100)
        case 6:
            cell.integer(1, 3)
            cell.integer(4, generator.chance(oneIn: 10) ? 0 : 1)
        default:
            cell.integer(1, 4)
            switch column {
            case 7: cell.text(5, "host-\(Int.random(in: 0..<500, using: &generator)).example.org")
            case 8: cell.text(5, "request \(generator.next()) took longer than \"expected\"")
            default: cell.text(5, generator.chance(oneIn: 30) ? "failed" : "ok")
            }
        }
    }

    private static func result(_ write: (inout MessageBytes) -> Void) -> [UInt8] {
        var reply = MessageBytes()
        reply.message(1) {
            $0.text(2, "A")
            write(&$0)
        }
        return reply.bytes
    }
}
