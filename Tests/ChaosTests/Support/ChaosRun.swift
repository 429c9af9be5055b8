import Foundation
import Glibc
import ProcessHarness
import Testing

/// Several attachments of one gateway under constant load, and what is done to them.
final class ChaosRun {
    enum Fault: String, CaseIterable {
        case pluginKill, pluginStop, locatorKill, locatorStop, hostKill, hostStop, gatewayStop, gatewayKill

        /// Of 100.
        var share: Int {
            switch self {
            case .pluginKill: 20
            case .pluginStop: 20
            case .locatorKill: 10
            case .locatorStop: 12
            case .hostKill: 8
            case .hostStop: 12
            case .gatewayStop: 10
            case .gatewayKill: 8
            }
        }
    }

    /// More crashes in a minute make the gateway wait for longer before the next start, as it should.
    private static let crashesOfOneAttachment = 3
    /// A debug build and its allocator need some room; a leak of a megabyte a second does not fit.
    private static let toleratedGrowthKiB = 48 * 1024

    private let scratch: Scratch
    private var gateway: GatewayUnderTest
    private var subjects: [Subject] = []
    private var random: SeededRandom
    private let configuration = "limits: {detach_linger: 300ms, stop_grace: 500ms}"
    private var baseline = (descriptors: 0, residentKiB: 0)
    private var faults: [Fault: Int] = [:]
    private var totals = (calls: 0, failed: 0)
    private var leaked = "not looked for"

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.temporary, withIntermediateDirectories: true)
        for id in ["v1-a", "v1-b"] { try scratch.install(id, executable: Places.legacyPlugin) }
        for id in ["v2-a", "v2-b"] { try scratch.install(id, executable: Places.v2Plugin) }
        gateway = try Self.startGateway(scratch, configuration)
        do {
            for id in ["v1-a", "v1-b"] { subjects.append(try Subject(id, in: gateway, mix: try Endurance.legacyMix())) }
            for id in ["v2-a", "v2-b"] { subjects.append(try Subject(id, in: gateway, mix: try Endurance.modernMix())) }
        } catch {
            stop()
            throw error
        }
    }

    private static func startGateway(_ scratch: Scratch, _ configuration: String) throws -> GatewayUnderTest {
        try GatewayUnderTest(scratch, configuration: configuration, environment: ["TMPDIR": scratch.temporary])
    }

    var account: String {
        let kinds = Fault.allCases.compactMap { fault in faults[fault].map { "\($0) \(fault.rawValue)" } }.joined(separator: ", ")
        return
            "\(faults.values.reduce(0, +)) faults (\(kinds)), \(totals.calls) calls, \(totals.failed) failed by a fault and were told, "
            + "leaked: \(leaked)"
    }

    // MARK: Phases

    /// Load for a moment, then a look at what the gateway holds without any.
    func warmUp() throws {
        try bearLoad()
        try endLoad()
        baseline = (gateway.descriptors, gateway.residentKiB)
        print("figure: chaos: \(baseline.descriptors) descriptors, \(baseline.residentKiB) KiB before the faults")
        try bearLoad()
    }

    private func bearLoad() throws {
        for subject in subjects { try subject.beginLoad() }
        for subject in subjects { try subject.servesAgain() }
    }

    private func endLoad() throws {
        for subject in subjects {
            let (calls, failed) = try subject.endLoad()
            totals.calls += calls
            totals.failed += failed
        }
    }

    func doHarm(for seconds: Double, sparing spared: Fault? = nil) throws {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            try inflict(choose(but: spared))
            usleep(UInt32.random(in: 20_000...250_000, using: &random))
        }
    }

    /// No more faults: everybody serves again, and every call that was begun has had its answer.
    func calmDown() throws {
        waitForResumption()
        do {
            for subject in subjects { try subject.servesAgain() }
        } catch {
            throw HarnessError("\(error)\n\((try? gateway.plugins()) ?? [])\n\(events)")
        }
        try endLoad()
        expectGatewayAlive()
    }

    /// For a gateway that lived through it all.
    func compareWithTheBeginning() throws {
        try waitUntil("every plugin has one process") { ProcessFacts.children(of: gateway.child.pid).count == subjects.count }
        try waitUntil("every plugin has one locator and one process") {
            ProcessTable.beneath(scratch.plugins).count == 2 * subjects.count
        }
        try expectDescriptors()
        let grown = gateway.residentKiB - baseline.residentKiB
        #expect(grown < Self.toleratedGrowthKiB, "the gateway grew by \(grown) KiB from \(baseline.residentKiB) KiB")
        print("figure: chaos: \(gateway.descriptors) descriptors, \(gateway.residentKiB) KiB after them")
        try expectFiles(subjects.count)
        for subject in subjects { try subject.beginLoad() }
    }

    /// Hosts end as they should, and then there is nothing.
    func leaveNothingBehind() throws {
        try expectDescriptors()
        try expectFiles(subjects.count)
        for subject in subjects { subject.host.stop() }
        try waitUntil("nothing is attached") { try gateway.plugins().isEmpty }
        let plugins = scratch.plugins
        try waitUntil("no process is left") { ProcessTable.beneath(plugins).isEmpty }
        #expect(ProcessFacts.children(of: gateway.child.pid).isEmpty)
        try expectFiles(0)
        let descriptors = max(0, gateway.descriptors - baseline.descriptors)
        leaked =
            "\(ProcessTable.beneath(plugins).count) processes, \(Self.names(hosts).count) sockets, "
            + "\(Self.names(temporary).count) directories, \(descriptors) descriptors"
        subjects = []
        gateway.child.end()
        #expect(gateway.child.exitCode == 0, "the gateway ended with signal \(gateway.child.fatalSignal ?? 0)")
        #expect(!gateway.log.contains("Fatal error"), "\(gateway.log.suffix(3000))")
    }

    private func expectDescriptors() throws {
        do {
            try waitUntil("descriptors are as many as before") { gateway.descriptors <= baseline.descriptors }
        } catch {
            let targets = ProcessFacts.descriptorTargets(gateway.child.pid)
            throw HarnessError("\(error): \(baseline.descriptors) became \(targets.count)\n\(targets.joined(separator: "\n"))")
        }
    }

    /// Host sockets, and the temporary directories of plugins.
    private func expectFiles(_ count: Int) throws {
        try waitUntil("each attachment has one socket: \(Self.names(hosts))") { Self.names(hosts).count == count }
        try waitUntil("each plugin has one temporary directory: \(Self.names(temporary))") {
            Self.names(temporary).count == count
        }
    }

    private var hosts: String { scratch.runtime + "/hosts" }
    private var temporary: String { scratch.temporary + "/plugin-gateway-\(geteuid())" }

    private static func names(_ directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }

    func stop() {
        waitForResumption()
        for subject in subjects { subject.host.stop() }
        gateway.stop()
        for left in ProcessTable.beneath(scratch.directory) { kill(left.pid, SIGKILL) }
    }

    // MARK: Faults

    private func choose(but spared: Fault?) -> Fault {
        while true {
            var dice = Int.random(in: 0..<100, using: &random)
            let fault =
                Fault.allCases.first { fault in
                    dice -= fault.share
                    return dice < 0
                } ?? .pluginStop
            if fault != spared { return fault }
        }
    }

    func inflict(_ fault: Fault) throws {
        // Both are drawn each time, so that a seed gives the same faults however they turn out.
        let subject = subjects[Int.random(in: 0..<subjects.count, using: &random)]
        let pause = Double.random(in: 0.05...0.8, using: &random)
        expectGatewayAlive()
        switch fault {
        case .pluginKill:
            guard subject.crashes < Self.crashesOfOneAttachment, let pid = subject.plugin else { return }
            subject.crashes += 1
            kill(pid, SIGKILL)
        case .pluginStop:
            guard let pid = subject.plugin else { return }
            stop(pid, for: pause)
        case .locatorKill:
            guard let pid = subject.locator else { return }
            kill(pid, SIGKILL)
            try subject.startAgain()
        case .locatorStop:
            guard let pid = subject.locator else { return }
            stop(pid, for: pause)
        case .hostKill:
            try subject.replaceHost(in: gateway)
        case .hostStop:
            stop(subject.host.child.pid, for: pause)
        case .gatewayStop:
            stop(gateway.child.pid, for: pause)
        case .gatewayKill:
            try killGateway()
        }
        faults[fault, default: 0] += 1
    }

    /// Every plugin dies with its gateway; locators come back to the next one by themselves.
    private func killGateway() throws {
        let plugins = ProcessFacts.children(of: gateway.child.pid)
        gateway.child.signal(SIGKILL)
        gateway.child.wait()
        #expect(gateway.child.fatalSignal == SIGKILL)
        try waitUntil("the plugins die with the gateway") { plugins.allSatisfy { !ProcessFacts.isAlive($0) } }
        for subject in subjects { subject.crashes = 0 }
        gateway = try Self.startGateway(scratch, configuration)
    }

    /// The end of the gateway's log, without what the load leaves in it.
    private var events: String {
        let lines = gateway.log.split(separator: "\n").filter { line in
            !["query sleeps", "query cancelled", "cancelled by the host", "sequence="].contains { line.contains($0) }
        }
        return lines.suffix(80).joined(separator: "\n")
    }

    private func expectGatewayAlive() {
        #expect(
            !gateway.child.hasEnded,
            "the gateway ended by itself, signal \(gateway.child.fatalSignal ?? 0): \(gateway.log.suffix(3000))")
    }

    // MARK: Stopped processes

    private let resumption = Resumption()

    private func stop(_ pid: pid_t, for seconds: Double) {
        resumption.stop(pid, for: seconds)
    }

    private func waitForResumption() {
        resumption.wait()
    }
}

/// Stops processes, and lets each go on in its time whatever the test waits for meanwhile.
final class Resumption: Sendable {
    private let group = DispatchGroup()

    func stop(_ pid: pid_t, for seconds: Double) {
        kill(pid, SIGSTOP)
        group.enter()
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) {
            kill(pid, SIGCONT)
            self.group.leave()
        }
    }

    func wait() { group.wait() }
}
