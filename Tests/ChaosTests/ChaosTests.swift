import Foundation
import Glibc
import ProcessHarness
import Testing

extension Faults {
    /// Processes are killed and stopped at random moments while several hosts call several plugins.
    ///
    /// `PLUGIN_GATEWAY_CHAOS_SEED` repeats the faults of a run, `PLUGIN_GATEWAY_CHAOS_SECONDS` makes it last longer.
    @Suite(.serialized) struct Chaos {
        @Test func `whatever is killed or stopped, every call has one answer, nothing is left behind, and all serve again`()
            throws
        {
            let seconds = Double(Settings.number("PLUGIN_GATEWAY_CHAOS_SECONDS") ?? 14)
            let seed = Settings.number("PLUGIN_GATEWAY_CHAOS_SEED") ?? UInt64.random(in: 0..<1_000_000)
            print("proof: chaos seed \(seed)")
            let run = try ChaosRun(seed: seed)
            defer { run.stop() }
            try run.warmUp()
            // First the gateway lives through everything, so that what it holds can be compared; then it is killed too.
            try run.doHarm(for: seconds * 0.6, sparing: .gatewayKill)
            try run.calmDown()
            try run.compareWithTheBeginning()
            try run.inflict(.gatewayKill)
            try run.doHarm(for: seconds * 0.4)
            try run.calmDown()
            try run.leaveNothingBehind()
            print("proof: chaos seed \(seed), \(run.account)")
        }
    }
}
