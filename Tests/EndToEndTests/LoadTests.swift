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

        @Test func `large answers, small ones and cancelled calls at once trip no limit`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let large = try HostUnderTest.request(["A": ["scenario": "points", "points": 50_000]])
            let small = try HostUnderTest.request(["A": ["scenario": "series"]])
            let slow = try HostUnderTest.request(["A": ["scenario": "sleep", "ms": 60000]])
            // go-plugin's host keeps one connection; grpc-go probes its bandwidth with PINGs all the while.
            for _ in 0..<20 {
                try rig.host.child.send(
                    JSON.text(["op": "query", "async": true, "request": slow, "cancelAfterMs": 200, "timeoutMs": 60000]))
            }
            for (request, count) in [(large, 100), (small, 2000)] {
                try rig.host.child.send(
                    JSON.text([
                        "op": "load", "async": true, "request": request, "count": count, "concurrency": 16, "timeoutMs": 120_000,
                    ]))
            }
            var (cancelled, loads) = (0, 0)
            for _ in 0..<22 {
                let result = try JSON.object(rig.host.child.line(within: 300))
                if result["op"] as? String == "load" {
                    #expect(result["ok"] as? Bool == true, "\(result)")
                    loads += 1
                } else if result["codeNumber"] as? Int == 1 {
                    cancelled += 1
                }
            }
            #expect((cancelled, loads) == (20, 2))
            #expect(!rig.gateway.log.contains("protocolViolation"))
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
