import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Load {
        @Test func `ten thousand queries in turn and 32 at a time: no error, and memory stays`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let request = try HostUnderTest.request(["A": ["scenario": "series", "series": 3, "points": 100]])
            func load(_ count: Int, _ concurrency: Int) throws {
                let result = try rig.host.perform(
                    "load", ["request": request, "count": count, "concurrency": concurrency, "timeoutMs": 60000], within: 900)
                #expect(result["errors"] as? Int == 0 || (result["errors"] as? [Any])?.isEmpty == true, "\(result)")
            }
            try load(1000, 1)
            let early = rig.gateway.residentKiB
            try load(9000, 1)
            let late = rig.gateway.residentKiB
            #expect(late - early <= 2048, "resident \(early) KiB after 1,000 calls and \(late) KiB after 10,000")
            try load(10000, 32)
            print(
                "figure: resident \(early) KiB after 1,000 calls, \(late) KiB after 10,000, \(rig.gateway.residentKiB) KiB after 10,000 more with 32 at a time"
            )
        }

        @Test func `a million points come through`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let answer = try rig.host.query(
                ["A": ["scenario": "points", "points": 1_000_000]], extra: ["omit": true, "timeoutMs": 120_000])
            #expect(answer["ok"] as? Bool == true, "\(answer)")
        }
    }
}
