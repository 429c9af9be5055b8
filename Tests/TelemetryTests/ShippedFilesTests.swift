internal import Foundation
internal import Testing

@testable internal import Telemetry

/// What lies in deploy/ fits the code and passes systemd's own checks.
@Suite struct ShippedFilesTests {
    private func catalog() throws -> [String: [String]] {
        let text = try String(contentsOf: ProjectFiles.deploy.appendingPathComponent("plugin-gateway.catalog"), encoding: .utf8)
        var entries: [String: [String]] = [:]
        var id: String?
        for line in text.components(separatedBy: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("-- ") {
                id = String(line.dropFirst(3))
                #expect(entries[String(line.dropFirst(3))] == nil, "\(line) stands twice")
            } else if let id {
                entries[id, default: []].append(line)
            }
        }
        return entries
    }

    @Test(arguments: EventKind.allCases)
    func everyEventKindHasACatalogEntry(kind: EventKind) throws {
        let entry = try #require(try catalog()[kind.messageID], "no entry for \(kind.rawValue)")
        #expect(entry.first == "Subject: \(kind.description.subject)")
        #expect(entry.contains("Defined-By: plugin-gateway"))
        #expect(entry.drop { !$0.isEmpty }.contains { !$0.isEmpty }, "\(kind.rawValue) has no explanation")
    }

    @Test func theCatalogHasNoEntryWithoutAnEventKind() throws {
        #expect(Set(try catalog().keys) == Set(EventKind.allCases.map(\.messageID)))
    }

    /// journalctl -x leaves the placeholder in the text when the entry has no such field.
    @Test(arguments: EventKind.allCases)
    func everyFieldInACatalogEntryIsOneThatTheKindCarries(kind: EventKind) throws {
        for line in try catalog()[kind.messageID] ?? [] {
            for match in line.matches(of: /PLUGIN_GATEWAY_[A-Z0-9_]+/) {
                #expect(kind.description.allows(String(match.0)), "\(match.0) in the entry of \(kind.rawValue)")
            }
        }
    }

    @Test func messageIDsAreDistinctAndWellFormed() {
        let ids = EventKind.allCases.map(\.messageID)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}/) != nil })
    }

    /// Without them, in this order: plugins end before their calls, hosts lose their sockets in a restart, a plugin may speak for the
    /// service, and secrets of data sources end in core files.
    @Test(arguments: ["KillMode=mixed", "RuntimeDirectoryPreserve=yes", "NotifyAccess=main", "LimitCORE=0"])
    func theUnitHasTheSettingsThatTheGatewayReliesOn(setting: String) throws {
        let text = try String(contentsOf: ProjectFiles.deploy.appendingPathComponent("plugin-gateway.service"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n[").first { $0.hasPrefix("Service]") })
        let name = try #require(setting.split(separator: "=").first) + "="
        // A later line of the same name would win.
        #expect(section.components(separatedBy: "\n").filter { $0.hasPrefix(name) } == [setting])
    }

    @Test func systemdAcceptsUnitsHardeningAndCatalog() throws {
        let process = Process()
        process.executableURL = ProjectFiles.deploy.appendingPathComponent("verify.sh")
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let outcome = IsolatedRun.outcome(process, pipe)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.hasPrefix("units hold: "))
    }
}
