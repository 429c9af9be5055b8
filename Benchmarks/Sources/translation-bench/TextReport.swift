internal import Foundation
internal import TranslationWorkloads

/// The tables for people.
struct TextReport {
    let results: Results
    let options: Options
    let machine: Machine

    var text: String {
        var lines = [
            "\(machine.text)",
            "CPU time, medians of \(options.rounds) interleaved rounds; × memcpy is the median of the rounds' own ratios.",
            "cold: a run whose memory the system had to provide anew. faults: page faults of a run that was not cold.",
            "Allocations, bytes and peak are those of one run; the peak is what it holds beyond its input, the answer included.",
        ]
        var input = ""
        for measurement in results.measurements {
            if measurement.contender.input.name != input {
                input = measurement.contender.input.name
                lines += ["", heading(measurement.contender.input), Self.header(measurement.contender.input.unit)]
            }
            lines.append(row(measurement))
        }
        lines += ["", "goals"]
        lines += Goal.all.map(goal)
        return lines.joined(separator: "\n")
    }

    private func heading(_ input: Workload.Input) -> String {
        let what = input.unit == .call ? "one call" : "\(input.units) \(input.unit)s"
        return "\(input.name): \(what), \(input.bytes.count) bytes"
    }

    private static func header(_ unit: Workload.Unit) -> String {
        line(
            "", unit == .call ? "µs/call" : "ns/\(unit)", "min–max", "× memcpy", unit == .call ? "" : "cold", "allocations",
            "/\(unit)", "bytes/\(unit)",
            "peak MB", "× answer", "faults")
    }

    private func row(_ measurement: Measurement) -> String {
        let (input, count) = (measurement.contender.input, measurement.count)
        let units = Double(input.units)
        let scale = input.unit == .call ? units * 1000 : units
        let samples = measurement.samples
        return Self.line(
            measurement.contender.name, Self.number(measurement.median / scale),
            "\(Self.number((samples.min() ?? 0) / scale))–\(Self.number((samples.max() ?? 0) / scale))",
            results.ratio(input.name, measurement.contender.name, to: Contender.copy).map(Self.number) ?? "–",
            measurement.coldSamples.isEmpty ? "" : Self.number(measurement.coldSamples.median / scale),
            "\(count.allocations)", Self.number(Double(count.allocations) / units), Self.number(Double(count.bytes) / units),
            Self.number(Double(count.peak) / 1e6),
            results.peak(input.name, measurement.contender.name).map(Self.number) ?? "–", Self.number(measurement.faults.median))
    }

    private func goal(_ goal: Goal) -> String {
        let bound = "\(goal.isUpperLimit ? "at most" : "at least") \(Self.number(goal.limit)) \(goal.unit)"
        let text = goal.text.padded(to: 42) + bound.padded(to: 46)
        guard let figure = goal.figure(results) else { return "  " + text + "not measured" }
        return "  " + text + Self.number(figure).padded(to: 10) + (goal.isMet(figure) ? "met" : "MISSED")
    }

    private static func line(_ name: String, _ columns: String...) -> String {
        let widths = [10, 14, 9, 7, 12, 9, 11, 10, 9, 9]
        return "  " + name.padded(to: 31) + zip(columns, widths).map { $0.padded(to: -$1) }.joined(separator: " ")
    }

    /// Three digits that count.
    private static func number(_ value: Double) -> String {
        switch abs(value) {
        case 0: "0"
        case ..<0.001: "<0.001"
        case ..<1: String(format: "%.3f", value)
        case ..<10: String(format: "%.2f", value)
        case ..<100: String(format: "%.1f", value)
        default: String(format: "%.0f", value)
        }
    }
}

extension String {
    /// Filled with spaces on the right, or on the left for a negative width.
    fileprivate func padded(to width: Int) -> String {
        let space = String(repeating: " ", count: max(0, abs(width) - count))
        return width < 0 ? space + self : self + space
    }
}
