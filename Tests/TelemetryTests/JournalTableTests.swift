internal import Foundation
internal import Testing

@testable internal import Telemetry

/// The table of events and fields is whole, and the code writes what it says.
@Suite struct JournalTableTests {
    @Test(arguments: LogKey.allCases)
    func everyFieldIsDescribedAndCarriedBySomeKind(key: LogKey) {
        #expect(key.description.meaning.hasSuffix("."), "\(key)")
        let carried = EventKind.allCases.contains { ($0.description.always + $0.description.sometimes).contains(key) }
        #expect(carried || EventDescription.ofEveryKind.contains(key), "no kind of event carries \(key)")
    }

    @Test(arguments: LogKey.allCases)
    func theUnitOfAFieldIsTheOneThatItsNameEndsIn(key: LogKey) {
        let unit = key.description.unit
        if key.rawValue.hasSuffix("_TOTAL") { #expect(unit == .cumulative) }
        if key.rawValue.hasSuffix("_BYTES") { #expect(unit == .bytes || unit == .cumulative) }
        if key.rawValue.hasSuffix("_PID") { #expect(unit == .processID) }
        if key.rawValue.hasSuffix("_USEC") { #expect(unit == .microseconds || unit == .instant || key == .latencyHistogram) }
        if unit == .microseconds || unit == .instant { #expect(key.rawValue.hasSuffix("_USEC")) }
    }

    @Test(arguments: EventKind.allCases)
    func aKindSaysWhenItIsWrittenAndWhatToDo(kind: EventKind) {
        let description = kind.description
        for text in [description.occasion, description.action] { #expect(text.hasSuffix("."), "\(kind): \(text)") }
        #expect(!description.levels.isEmpty)
        let fields = description.always + description.sometimes
        #expect(Set(fields).count == fields.count, "a field of \(kind) stands twice")
        #expect(description.headline.allSatisfy(fields.contains), "the headline of \(kind) has a field that it does not carry")
    }

    @Test func aFieldOfAFamilyIsAllowedWhereTheFamilyIs() {
        #expect(EventKind.pluginLog.description.allows("PLUGIN_GATEWAY_FIELD_ERROR"))
        #expect(!EventKind.pluginLog.description.allows("PLUGIN_GATEWAY_FIELD_"))
        #expect(!EventKind.pluginEnded.description.allows("PLUGIN_GATEWAY_FIELD_ERROR"))
        #expect(!EventKind.pluginEnded.description.allows("PLUGIN_GATEWAY_MADE_UP"))
        #expect(EventKind.pluginEnded.description.allows("CODE_FILE"))
    }

    @Test func theMessageOfAnEventNamesThePluginAndWhatHappened() {
        let fields: [LogKey: String] = [.plugin: "legacy", .reason: String(repeating: "x", count: 1000), .attempt: "2"]
        let message = EventKind.pluginEnded.description.message("plugin ended") { fields[$0] }
        #expect(message.hasPrefix("legacy: plugin ended: xxx"))
        #expect(message.utf8.count < 500)
        #expect(EventKind.gatewayStopping.description.message("gateway stopping") { _ in nil } == "gateway stopping")
    }

    /// Every place in the sources that writes an event.
    @Test func theCodeWritesEveryKindWithTheFieldsThatTheTableHas() throws {
        let statements = try EventStatement.all()
        #expect(statements.count > 10)
        for statement in statements {
            let description = statement.kind.description
            let allowed = Set(description.always + description.sometimes)
            for key in statement.keys {
                #expect(
                    allowed.contains(key), "\(statement.place): \(statement.kind.rawValue) carries \(key), which its table lacks")
            }
            for key in description.always {
                #expect(statement.keys.contains(key), "\(statement.place): \(statement.kind.rawValue) lacks \(key)")
            }
        }
        let snapshots: Set<EventKind> = [.pluginSnapshot, .gatewaySnapshot, .metricsSnapshot]
        for kind in EventKind.allCases where !snapshots.contains(kind) {
            #expect(statements.contains { $0.kind == kind }, "nothing writes \(kind.rawValue)")
        }
    }

    @Test func snapshotsCarryTheFieldsOfTheTable() {
        let statistics = PluginStatistics(pluginID: "p", attachmentID: "a")
        statistics.record(
            CallRecord(method: "m", versionPath: "2-1", code: 13, duration: .milliseconds(1), losses: [("path", "cause", 1)]))
        let snapshot = statistics.snapshot()
        let metrics = MetricsRegistry()
        metrics.makeCounter(label: "pool.opened", dimensions: []).increment(by: 1)
        let entries: [(EventKind, JournalEntry)] = [
            (.pluginSnapshot, SnapshotEntry.plugin(snapshot, snapshot.methods[0], sequence: 1, dropped: 0, final: true)),
            (
                .gatewaySnapshot,
                SnapshotEntry.gateway(
                    .ofThisProcess(), plugins: 1, openCalls: 2, loopLag: .milliseconds(1), journal: Journal.Counters(),
                    gauges: [Gauge("loops", 2, help: "Loops.")],
                    sequence: 2,
                    since: 1, final: true)
            ),
            (.metricsSnapshot, SnapshotEntry.metrics(metrics.samples()[...], sequence: 3, since: 1, final: true)),
        ]
        for (kind, entry) in entries {
            let names = Set(entry.fields.map(entry.name))
            for name in names { #expect(kind.description.allows(name), "\(kind.rawValue) carries \(name)") }
            for key in kind.description.always + kind.description.sometimes {
                #expect(names.contains(key.rawValue), "\(kind.rawValue) lacks \(key)")
            }
            for family in kind.description.families { #expect(names.contains(where: family.contains), "\(family.prefix)") }
        }
    }
}

/// One statement of the sources that writes an event: `….event(.kind, …, [.key: …])` or `.fields([.key: …], event: .kind)`.
private struct EventStatement {
    var kind: EventKind
    var keys: [LogKey]
    var place: String

    static func all() throws -> [EventStatement] {
        let sources = ProjectFiles.root.appendingPathComponent("Sources")
        guard let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil) else { return [] }
        var statements: [EventStatement] = []
        for case let file as URL in files where file.pathExtension == "swift" && !file.path.contains("/Telemetry/Logs/") {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /\.(event|fields)\(/) {
                let arguments = balanced(text[match.range.upperBound...])
                let named =
                    match.1 == "event" ? arguments.firstMatch(of: /^\s*\.(\w+)/) : arguments.firstMatch(of: /event: \.(\w+)/)
                let place = "\(file.lastPathComponent): \(arguments.prefix(40))"
                var names = named.map { [$0.1] } ?? []
                if match.1 == "event", arguments.prefixMatch(of: /\s*kind,/) != nil {
                    // A function writes what its callers name: `write(event, .kind, …)`.
                    let function = text[..<match.range.lowerBound].matches(of: /func (\w+)\(/).last?.1
                    names = text.matches(of: /(\w+)\(event, \.(\w+)/).filter { $0.1 == function }.map(\.2)
                }
                let keys = try arguments.matches(of: /[\[,]\s*\.(\w+):/).map { key in
                    try #require(LogKey.allCases.first { "\($0)" == key.1 }, "\(place): no such field \(key.1)")
                }
                // Other functions are called "fields" too: they name no kind.
                for name in names {
                    let kind = try #require(EventKind.allCases.first { "\($0)" == name }, "\(place): no such kind")
                    statements.append(EventStatement(kind: kind, keys: keys, place: place))
                }
            }
        }
        return statements
    }

    /// The text up to the parenthesis that closes the one before it.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 1
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }
}
