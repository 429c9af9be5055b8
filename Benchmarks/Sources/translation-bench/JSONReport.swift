internal import Foundation
internal import TranslationWorkloads

/// Everything that was measured, for programs.
struct JSONReport: Codable {
    struct Row: Codable {
        var input: String
        var inputBytes: Int
        var name: String
        var unit: String
        var units: Int
        var outputBytes: Int?
        var iterations: Int
        /// CPU time of one run, per round.
        var nanoseconds: [Double]
        var medianNanoseconds: Double
        var pageFaults: [Double]
        /// The same where the memory had been given back to the system before; empty for single calls.
        var coldNanoseconds: [Double]
        var count: AllocationCount
    }

    struct Outcome: Codable {
        var goal: String
        var limit: Double
        var atMost: Bool
        var unit: String
        var figure: Double?
        var met: Bool?
    }

    var machine: Machine
    var rounds: Int
    var seed: UInt64
    var rows: [Row]
    var goals: [Outcome]

    init(_ results: Results, _ options: Options, _ machine: Machine) {
        self.machine = machine
        rounds = options.rounds
        seed = options.seed
        rows = results.measurements.map { measurement in
            let (contender, input) = (measurement.contender, measurement.contender.input)
            return Row(
                input: input.name, inputBytes: input.bytes.count, name: contender.name, unit: input.unit.rawValue,
                units: input.units,
                outputBytes: contender.outputBytes, iterations: measurement.iterations, nanoseconds: measurement.samples,
                medianNanoseconds: measurement.median, pageFaults: measurement.faults,
                coldNanoseconds: measurement.coldSamples, count: measurement.count)
        }
        goals = Goal.all.map { goal in
            let figure = goal.figure(results)
            return Outcome(
                goal: goal.text, limit: goal.limit, atMost: goal.isUpperLimit, unit: goal.unit, figure: figure,
                met: figure.map(goal.isMet))
        }
    }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
