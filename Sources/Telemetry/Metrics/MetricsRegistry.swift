package import Metrics
internal import Synchronization

/// swift-metrics' way into the snapshots: whatever a library counts becomes fields `PLUGIN_GATEWAY_METRIC_…` of the journal.
///
/// The same label and dimensions give the same handler. At most ``maximumMetrics`` are kept; further ones count nothing.
package final class MetricsRegistry: MetricsFactory {
    package static let maximumMetrics = 512
    static let fieldPrefix = FieldName.prefix + "METRIC_"
    /// The longest suffix that is put behind a metric's name.
    private static let suffixLength = "_TOTAL".utf8.count

    package struct Sample: Sendable {
        package var field: String
        package var value: Double
    }

    private enum Cell: Sendable {
        case counter(CounterCell)
        case gauge(GaugeCell)
        case distribution(DistributionCell)
        case timer(DistributionCell)
    }

    private struct State {
        var cells: [String: (name: String, cell: Cell)] = [:]
        var names: Set<String> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// All values, sorted by field.
    package func samples() -> [Sample] {
        let cells = state.withLock { $0.cells.values.map { $0 } }
        return cells.flatMap { name, cell -> [Sample] in
            switch cell {
            case .counter(let counter): return [Sample(field: name + "_TOTAL", value: counter.current)]
            case .gauge(let gauge): return [Sample(field: name, value: gauge.current)]
            case .distribution(let distribution):
                let (count, sum, maximum) = distribution.current
                return [
                    Sample(field: name + "_TOTAL", value: Double(count)), Sample(field: name + "_SUM", value: sum),
                    Sample(field: name + "_MAX", value: maximum),
                ]
            case .timer(let timer):
                let (count, sum, _) = timer.current
                return [
                    Sample(field: name + "_TOTAL", value: Double(count)),
                    Sample(field: name + "_USEC", value: (sum / 1000).rounded()),
                ]
            }
        }.sorted { $0.field < $1.field }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        if case .counter(let cell) = cell("counter", label, dimensions, { .counter(CounterCell()) }) { return cell }
        return NOOPMetricsHandler.instance
    }

    // swift-metrics' own stand-in for a meter would go through the process's global factory.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        if case .gauge(let cell) = cell("meter", label, dimensions, { .gauge(GaugeCell()) }) { return cell }
        return NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            if case .distribution(let cell) = cell("recorder", label, dimensions, { .distribution(DistributionCell()) }) {
                return cell
            }
        } else if case .gauge(let cell) = cell("gauge", label, dimensions, { .gauge(GaugeCell()) }) {
            return cell
        }
        return NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        if case .timer(let cell) = cell("timer", label, dimensions, { .timer(DistributionCell()) }) { return cell }
        return NOOPMetricsHandler.instance
    }

    // Counts are cumulative and their number is bounded: a destroyed metric keeps what it counted.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func cell(_ kind: String, _ label: String, _ dimensions: [(String, String)], _ make: () -> Cell) -> Cell? {
        let identity = ([kind, label] + dimensions.flatMap { [$0, $1] }).joined(separator: "\u{0}")
        return state.withLock { state in
            if let known = state.cells[identity] { return known.cell }
            guard state.cells.count < Self.maximumMetrics, identity.utf8.count <= 1024 else { return nil }
            let cell = make()
            state.cells[identity] = (Self.newName(label, dimensions, identity, &state.names), cell)
            return cell
        }
    }

    /// A field name that no other metric has: label and dimension values, with a hash where they do not fit or collide.
    private static func newName(
        _ label: String, _ dimensions: [(String, String)], _ identity: String, _ names: inout Set<String>
    ) -> String {
        let limit = FieldName.maximumLength - fieldPrefix.utf8.count - suffixLength
        let whole = ([label] + dimensions.map(\.1)).joined(separator: "_")
        var name = FieldName.sanitised(whole, limit: limit)
        if whole.utf8.count > limit || names.contains(name) {
            var hash: UInt32 = 2_166_136_261
            repeat {
                for byte in identity.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
                let digits = String(hash, radix: 16, uppercase: true)
                name =
                    FieldName.sanitised(whole, limit: limit - 9) + "_" + String(repeating: "0", count: 8 - digits.count) + digits
            } while names.contains(name)
        }
        names.insert(name)
        return fieldPrefix + name
    }
}
