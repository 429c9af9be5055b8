/// One thing that is measured: a translation of one message.
package struct Workload {
    /// What a figure is divided by.
    package enum Unit: String, Sendable {
        case point, cell, call
    }

    /// The message that goes in. Workloads of one input are compared with other decoders of that message.
    package struct Input: Sendable {
        package let name: String
        package let bytes: [UInt8]
        package let unit: Unit
        package let units: Int
    }

    /// `input/output`, in lower case: what thresholds and filters go by.
    package let name: String
    package let input: Input
    package let output: String
    /// The bytes that one run makes.
    package let outputBytes: Int
    /// Runs it once and returns the bytes made.
    package let run: () throws -> Int

    /// Runs it once to learn the size.
    init(_ input: Input, _ output: String, run: @escaping () throws -> Int) rethrows {
        name = "\(input.name)/\(output)"
        self.input = input
        self.output = output
        self.run = run
        outputBytes = try run()
    }
}
