internal import Glibc
internal import TranslationWorkloads

/// Times and counts the translation beside other decoders of the same messages. See Benchmarks/README.md.
@main struct TranslationBench {
    static func main() {
        do {
            guard let options = try Options(CommandLine.arguments.dropFirst()) else {
                print(Options.usage)
                return
            }
            try run(options)
        } catch let error as OptionError {
            complain("\(error.text)\n\(Options.usage)")
            exit(64)
        } catch {
            complain("translation-bench: \(error)")
            exit(65)
        }
    }

    private static func run(_ options: Options) throws {
        let libProtobuf = try options.libProtobuf.map(LibProtobuf.init(library:))
        let workloads = try Workloads.all(seed: options.seed, filter: options.filter)
        guard !workloads.isEmpty else { throw BenchmarkError("no workload's name holds “\(options.filter)”") }
        var measurements = try Contender.all(workloads, libProtobuf).map { try Measurement($0, seconds: options.seconds) }
        for round in 0..<options.rounds {
            // Each round begins with another one, so that nobody always runs behind the same neighbour's garbage.
            let first = round * 5 % measurements.count
            for place in measurements.indices { try measurements[(first + place) % measurements.count].addRound() }
        }
        for _ in 0..<options.rounds {
            for place in measurements.indices { try measurements[place].addColdRound() }
        }
        let results = Results(measurements: measurements)
        let machine = Machine()
        print(
            options.json
                ? try JSONReport(results, options, machine).text()
                : TextReport(results: results, options: options, machine: machine).text)
    }

    private static func complain(_ text: String) {
        var line = text + "\n"
        _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
