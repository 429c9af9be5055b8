import Foundation
import Glibc
import ProcessHarness
import Testing

extension Faults {
    /// What hosts may do on a host socket. The good host shares the socket and the plugin, and notices nothing.
    @Suite(.serialized) struct Hosts {
        @Test func `a host that breaks HTTP 2 loses its own connection, with a reason, and no other`() throws {
            let rig = try FaultRig()
            defer { rig.stop() }
            let socket = try rig.hostSocket()
            let cases = [
                ("no-preface", "PROTOCOL_ERROR"), ("mid-frame", ""), ("garbage", "FRAME_SIZE_ERROR"),
                ("huge-frame", "FRAME_SIZE_ERROR"), ("continuation-flood", "PROTOCOL_ERROR"), ("reset-flood", "PROTOCOL_ERROR"),
                ("window-overflow", "FLOW_CONTROL_ERROR"), ("empty-data-flood", "PROTOCOL_ERROR"),
            ]
            for (mode, code) in cases {
                let mark = rig.logMark
                let seen = try rig.badHost(mode, socket: socket)
                // A host that does not read what it is told may find the connection closed before.
                #expect(seen["closed"] as? Bool == true || mode == "mid-frame", "\(mode): \(seen)")
                #expect([code, ""].contains(seen["goAway"] as? String), "\(mode): \(seen)")
                try waitUntil("\(mode): the journal says so") { rig.log(since: mark).contains("code=protocolViolation") }
                try rig.othersGoOn(mode)
            }
            try rig.conclude()
        }

        @Test func `a header block that is small on the wire and large in memory is refused`() throws {
            let rig = try FaultRig()
            defer { rig.stop() }
            let before = rig.gateway.residentKiB
            for _ in 0..<5 {
                let seen = try rig.badHost("header-bomb", socket: try rig.hostSocket())
                #expect(seen["closed"] as? Bool == true, "\(seen)")
            }
            // Unpacked, each block has 28 MiB.
            #expect(rig.gateway.residentKiB - before < 16 * 1024, "resident \(before) KiB, then \(rig.gateway.residentKiB) KiB")
            try rig.othersGoOn("header bombs")
            try rig.conclude()
        }

        @Test func `floods of frames from a host do not stop others`() throws {
            let rig = try FaultRig()
            defer { rig.stop() }
            let before = rig.gateway.residentKiB
            for mode in ["settings-flood", "ping-flood", "window-flood", "unknown-flood", "rapid-reset"] {
                _ = try rig.badHost(mode, socket: try rig.hostSocket())
                try rig.othersGoOn(mode)
            }
            #expect(rig.gateway.residentKiB - before < 48 * 1024, "resident \(before) KiB, then \(rig.gateway.residentKiB) KiB")
            try rig.conclude()
        }

        @Test func `connections beyond the limit are refused in words, and again taken once there are fewer`() throws {
            let rig = try FaultRig()
            defer { rig.stop() }
            let many = try Child(Places.badHost, [try rig.hostSocket(), "many-connections"])
            let seen = try JSON.object(many.line())
            // The good host has one of the 64.
            #expect(seen["kept"] as? Int == 63 && seen["refused"] as? Int == 137, "\(seen)")
            #expect(seen["goAway"] as? String == "ENHANCE_YOUR_CALM")
            #expect((seen["text"] as? String ?? "").contains("limits.maximum_connections"), "\(seen)")
            #expect(rig.gateway.log.contains("code=tooManyConnections"))
            try rig.othersGoOn("many connections")
            many.closeInput()
            many.wait()
            let next = try rig.badHost("half-close", socket: try rig.hostSocket())
            #expect(next["goAway"] as? String == "", "\(next)")
            try rig.conclude()
        }

        @Test func `the calls of a host that disappears are cancelled at the plugin`() throws {
            let rig = try FaultRig()
            defer { rig.stop() }
            let socket = try rig.hostSocket()
            let gone = try Child(Places.modernHost, ["--direct", socket])
            #expect(try JSON.object(gone.line())["ok"] as? Bool == true)
            let request = try HostUnderTest.request(["A": ["scenario": "sleep", "ms": 600_000]])
            try gone.send(JSON.text(["op": "query", "async": true, "request": request]))
            let sleeps = try rig.host.perform("waitLog", ["contains": "query sleeps", "waitMs": 20000])
            #expect(sleeps["ok"] as? Bool == true)
            gone.signal(SIGKILL)
            let cancelled = try rig.host.perform("waitLog", ["contains": "query cancelled", "waitMs": 20000])
            #expect(cancelled["ok"] as? Bool == true, "the plugin was not told")
            try rig.conclude()
        }

        @Test func `a host that closes its side is gone: its call is cancelled, its connection closed`() throws {
            let rig = try FaultRig()
            defer { rig.stop() }
            let request = try Self.encoded(["scenario": "sleep", "ms": 600_000])
            let half = try Child(Places.badHost, [try rig.hostSocket(), "half-close", request])
            let sleeps = try rig.host.perform("waitLog", ["contains": "query sleeps", "waitMs": 20000])
            #expect(sleeps["ok"] as? Bool == true)
            half.closeInput()
            let seen = try JSON.object(half.line())
            #expect(seen["closed"] as? Bool == true, "\(seen)")
            let cancelled = try rig.host.perform("waitLog", ["contains": "query cancelled", "waitMs": 20000])
            #expect(cancelled["ok"] as? Bool == true, "the plugin was not told")
            try rig.conclude()
        }

        @Test func `a host that never reads its answers holds a bounded amount of memory, given back when it goes`() throws {
            let rig = try FaultRig(["v2-datasource": Places.v2Plugin])
            defer { rig.stop() }
            let v2 = try rig.attach("v2-datasource")
            #expect(v2.started)
            // Eight answers of about 8 MB each: of 260,000 points translated, of one frame forwarded.
            for (id, model) in [
                (FaultRig.good, ["scenario": "points", "points": 260_000]), ("v2-datasource", ["bytes": 8_000_000]),
            ] as [(String, [String: Any])] {
                let before = rig.gateway.residentKiB
                let deaf = try Child(
                    Places.badHost, [try rig.hostSocket(of: id), "never-reads", try Self.encoded(model)])
                _ = try deaf.line()
                // Until nothing more comes in.
                var (most, steady) = (before, 0)
                while steady < 5 {
                    try rig.othersGoOn("a host that never reads from \(id)")
                    steady = rig.gateway.residentKiB > most + 256 ? 0 : steady + 1
                    most = max(most, rig.gateway.residentKiB)
                }
                #expect(
                    most - before < 400 * 1024, "\(id): resident \(before) KiB before, \(most) KiB with a host that never reads")
                deaf.signal(SIGKILL)
                deaf.wait()
                try rig.othersGoOn("the end of a host that never reads from \(id)")
                print("figure: 8 answers of 8 MB that nobody reads, from \(id): resident \(before) KiB, then \(most) KiB")
            }
            try rig.conclude()
        }

        /// A QueryDataRequest as bytes, in base64. It is made by hand, so that the host needs no code of anybody's.
        static func encoded(_ model: [String: Any]) throws -> String {
            func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
                var size = bytes.count
                var prefix: [UInt8] = [number << 3 | 2]
                while size > 127 {
                    prefix.append(UInt8(size & 127) | 128)
                    size >>= 7
                }
                return prefix + [UInt8(size)] + bytes
            }
            // DataSourceInstanceSettings: id, name, url, jsonData.
            let settings: [UInt8] =
                [0x08, 7] + field(2, Array("Legacy".utf8)) + field(3, Array("http://localhost:1".utf8))
                + field(8, Array("{}".utf8))
            let context = [0x08, 1] + field(2, Array("x".utf8)) + field(5, settings)
            // TimeRange: from 1, to 2; DataQuery: refId, timeRange, json.
            let range: [UInt8] = [0x08, 1, 0x10, 2]
            let query = field(1, Array("A".utf8)) + field(4, range) + field(5, Array(try JSON.text(model).utf8))
            return Data(field(1, context) + field(3, query)).base64EncodedString()
        }
    }
}
