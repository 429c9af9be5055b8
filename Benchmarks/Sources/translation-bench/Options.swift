/// The command line.
struct Options {
    static let usage = """
        usage: translation-bench [--filter TEXT] [--rounds N] [--seconds S] [--seed N] [--json] [--libprotobuf LIBRARY]

          --filter TEXT           only workloads whose name holds TEXT (series-1x1000000, table, panel, /arrow, /json, chunked, ...)
          --rounds N              rounds over all contenders, 7 unless told; the median of them is shown
          --seconds S             how long each contender runs in a round, at least: 0.05 unless told
          --seed N                another set of inputs
          --json                  everything that was measured, as JSON
          --libprotobuf LIBRARY   the C++ baselines, as `make bench-translation` builds them
        """

    var filter = ""
    var rounds = 7
    var seconds = 0.05
    var seed: UInt64 = 1
    var json = false
    var libProtobuf: String?

    /// Nil when the usage is asked for.
    init?(_ arguments: some Sequence<String>) throws(OptionError) {
        var rest = Array(arguments).makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--filter": filter = try Self.value(rest.next(), of: argument) { $0 }
            case "--rounds": rounds = try Self.value(rest.next(), of: argument) { Int($0).flatMap { $0 > 0 ? $0 : nil } }
            case "--seconds":
                seconds = try Self.value(rest.next(), of: argument) { Double($0).flatMap { $0 >= 0 && $0 < 3600 ? $0 : nil } }
            case "--seed": seed = try Self.value(rest.next(), of: argument) { UInt64($0) }
            case "--json": json = true
            case "--libprotobuf": libProtobuf = try Self.value(rest.next(), of: argument) { $0 }
            case "--help", "-h": return nil
            default: throw OptionError("\(argument) is no option of this program")
            }
        }
    }

    private static func value<Value>(
        _ text: String?, of option: String, _ read: (String) -> Value?
    ) throws(OptionError) -> Value {
        guard let text else { throw OptionError("\(option) needs a value") }
        guard let value = read(text) else { throw OptionError("\(option) cannot be \(text)") }
        return value
    }
}

struct OptionError: Error {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}
