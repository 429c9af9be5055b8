internal import Translation

/// All workloads, made from one seed.
package enum Workloads {
    /// - Parameter filter: only workloads whose name holds this text; nothing else is even made.
    package static func all(seed: UInt64 = 1, filter: String = "") throws -> [Workload] {
        var workloads: [Workload] = []
        for input in inputs(seed: seed) {
            workloads += try translations(of: input, filter: filter)
        }
        let request = HostRequest.typical(queries: 20, format: .arrow)
        let plan = Workload.Input(name: "request-20-queries", bytes: request, unit: .call, units: 1)
        if wanted("\(plan.name)/plan", filter) {
            workloads.append(try Workload(plan, "plan") { try Pipeline(request: request).requestSize })
        }
        return workloads
    }

    private static func wanted(_ name: String, _ filter: String) -> Bool { filter.isEmpty || name.contains(filter) }

    /// The shapes that the goals name.
    private static func inputs(seed: UInt64) -> [Workload.Input] {
        [
            Workload.Input(
                name: "series-1x1000000", bytes: LegacyReply.series(1, points: 1_000_000, seed: seed), unit: .point,
                units: 1_000_000),
            Workload.Input(
                name: "series-1000x1000", bytes: LegacyReply.series(1000, points: 1000, seed: seed), unit: .point,
                units: 1_000_000),
            Workload.Input(
                name: "table-100000x10", bytes: LegacyReply.table(rows: 100_000, seed: seed), unit: .cell,
                units: 100_000 * LegacyReply.columns),
            Workload.Input(name: "panel-3x300", bytes: LegacyReply.series(3, points: 300, seed: seed), unit: .call, units: 1),
        ]
    }

    /// One reply to each format, as a whole, in chunks, and from one format to the other.
    private static func translations(of input: Workload.Input, filter: String) throws -> [Workload] {
        var workloads: [Workload] = []
        func add(_ output: String, _ run: () throws -> (() throws -> Int)) throws {
            guard wanted("\(input.name)/\(output)", filter) else { return }
            workloads.append(try Workload(input, output, run: try run()))
        }
        let formats: [(HostRequest.Format, String)] = [(.arrow, "arrow"), (.json, "json")]
        for (format, name) in formats {
            let request = HostRequest.typical(queries: 1, format: format)
            try add(name) {
                let pipeline = try Pipeline(request: request)
                try check(pipeline.answer(input.bytes), of: input, name)
                return { try pipeline.answer(input.bytes).bytes }
            }
            // Of the many series each would be a chunk, and of a panel: nothing else than above.
            guard input.name == "series-1x1000000" || input.unit == .cell else { continue }
            try add("chunked-\(name)") {
                let pipeline = try Pipeline(request: request, chunked: true)
                try check(pipeline.chunks(input.bytes), of: input, name)
                return { try pipeline.chunks(input.bytes).bytes }
            }
        }
        try add("v2-arrow-to-json") {
            let arrow = try Pipeline(request: HostRequest.typical(queries: 1, format: .arrow)).message(input.bytes).0
            guard Pipeline.json(arrow) != arrow.count else {
                throw BenchmarkError("\(input.name): the Arrow frames stayed as they are")
            }
            return { Pipeline.json(arrow) }
        }
        return workloads
    }

    /// A benchmark of something that fails early looks fast.
    private static func check(_ product: Pipeline.Product, of input: Workload.Input, _ output: String) throws {
        let (points, cells) = (product.statistics.points, product.statistics.cells)
        let expected =
            switch input.unit {
            case .point: points == input.units
            case .cell: cells == input.units
            case .call: points > 0
            }
        guard expected, product.messages > 0, product.bytes > (points + cells) * 2 else {
            throw BenchmarkError(
                "\(input.name)/\(output) carried \(points) points and \(cells) cells in \(product.bytes) bytes: the input or the pipeline is broken"
            )
        }
    }
}
