import DataFrames
import Foundation
import Testing

/// Outside the suite: its own condition may not depend on it.
private let goldenDirectory = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_GOLDEN_FRAMES"]

/// The plugin SDK's own pair of samples, where there is a copy: `PLUGIN_GATEWAY_GOLDEN_FRAMES` names the directory that holds
/// `all_types.golden.arrow` and `all_types.golden.json`.
@Suite(.enabled(if: goldenDirectory != nil))
struct GoldenFrameTests {
    private func sample(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: goldenDirectory ?? "").appendingPathComponent(name)))
    }

    @Test func bothSamplesAreTheSameFrame() throws {
        let arrow = try ArrowFile.read(sample("all_types.golden.arrow"))
        let json = try JSONFrame.read(sample("all_types.golden.json"))
        #expect(arrow.fields.count == 35 && arrow.rowCount == 5)
        #expect(arrow.name == json.name && arrow.refID == json.refID && arrow.meta == json.meta)
        for (left, right) in zip(arrow.fields, json.fields) {
            #expect(left.name == right.name && left.nullable == right.nullable && left.labels == right.labels, "\(left.name)")
            #expect(left.config == right.config, "\(left.name)")
            // Go's NaN has a payload, which JSON cannot carry.
            let cells = try [left, right].map { try JSONFrame.write(Frame(fields: [$0]), part: .data) }
            #expect(cells[0] == cells[1], "\(left.name)")
        }
    }

    @Test func ourOwnFilesOfTheSampleSayTheSame() throws {
        let frame = try ArrowFile.read(sample("all_types.golden.arrow"))
        #expect(try ArrowFile.read(ArrowFile.write(frame)) == frame)
        let document = try JSONFrame.write(frame)
        #expect(try JSONFrame.write(JSONFrame.read(document)) == document)
    }
}
