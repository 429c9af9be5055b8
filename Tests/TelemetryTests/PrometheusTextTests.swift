internal import Testing

@testable internal import Telemetry

@Suite struct PrometheusTextTests {
    private func text(_ calls: [CallRecord], plugin: String = "legacy", gauges: [Gauge] = []) -> String {
        let statistics = PluginStatistics(pluginID: plugin)
        for call in calls { statistics.record(call) }
        return String(decoding: statistics.prometheusText(gauges: gauges), as: UTF8.self)
    }

    @Test func everyFamilyIsDeclaredOnceBeforeItsSamples() {
        let text = text(
            [
                CallRecord(method: "/a/B", versionPath: "2-1", code: 0, duration: .milliseconds(1), losses: [("h", "c", 1)]),
                CallRecord(method: "/a/C", versionPath: "2-1", code: 5, duration: .milliseconds(1)),
            ], gauges: [Gauge("restarts_total", 2, kind: .counter, help: "Restarts.")])
        var types: [String: String] = [:]
        for line in text.split(separator: "\n") {
            if let match = line.firstMatch(of: /^# TYPE (\S+) (\S+)$/) {
                #expect(types[String(match.1)] == nil)
                types[String(match.1)] = String(match.2)
            } else if !line.hasPrefix("#") {
                #expect(line.wholeMatch(of: /[a-z_]+\{([a-z_]+="[^"]*",?)+\} [0-9.]+/) != nil, "\(line)")
                let name = line.prefix { $0 != "{" }
                let family = types.keys.contains {
                    name == $0 || name == $0 + "_bucket" || name == $0 + "_sum" || name == $0 + "_count"
                }
                #expect(family, "\(name) is not declared")
            }
        }
        #expect(types["plugin_gateway_calls_total"] == "counter")
        #expect(types["plugin_gateway_call_duration_seconds"] == "histogram")
        #expect(
            text.contains(#"plugin_gateway_call_codes_total{plugin="legacy",method="a/C",version_path="2-1",code="NOT_FOUND"} 1"#)
        )
        #expect(
            text.contains(#"plugin_gateway_losses_total{plugin="legacy",method="a/B",version_path="2-1",path="h",cause="c"} 1"#))
        #expect(text.contains(#"plugin_gateway_restarts_total{plugin="legacy"} 2"# + "\n"))
        #expect(text.hasSuffix("\n"))
    }

    @Test func bucketsAreCumulativeAndEndWithAll() {
        let durations: [Duration] = [.microseconds(64), .microseconds(65), .milliseconds(5), .seconds(100)]
        let text = text(durations.map { CallRecord(method: "m", versionPath: "2-2", code: 0, duration: $0) })
        let buckets = text.matches(of: /_bucket\{.*le="([^"]+)"\} (\d+)/).map { ($0.1, Int($0.2) ?? -1) }
        #expect(buckets.first.map { $0.0 == "0.000064" && $0.1 == 1 } == true)
        #expect(buckets.last.map { $0.0 == "+Inf" && $0.1 == 4 } == true)
        #expect(buckets.map(\.1) == buckets.map(\.1).sorted())
        #expect(buckets.first { $0.0 == "67.108864" }?.1 == 3)
        #expect(text.contains("call_duration_seconds_count{plugin=\"legacy\",method=\"m\",version_path=\"2-2\"} 4\n"))
        #expect(text.contains("call_duration_seconds_sum{plugin=\"legacy\",method=\"m\",version_path=\"2-2\"} 100.005129\n"))
    }

    @Test func theTimeOfTranslationIsInSeconds() {
        let statistics = PluginStatistics(pluginID: "legacy")
        statistics.recordTranslation(method: "m", versionPath: "2-1", points: 0, frames: 0, time: .microseconds(1500), losses: [])
        let text = String(decoding: statistics.prometheusText(), as: UTF8.self)
        #expect(
            text.contains("translation_seconds_total{plugin=\"legacy\",method=\"m\",version_path=\"2-1\"} 0.0015\n"), "\(text)")
    }

    @Test func aDurationInMicrosecondsIsWithinBounds() {
        #expect(DecimalText.microseconds(.zero) == 0)
        #expect(DecimalText.microseconds(.nanoseconds(-1)) == 0)
        #expect(DecimalText.microseconds(.seconds(-5)) == 0)
        #expect(DecimalText.microseconds(.nanoseconds(2_999)) == 2)
        #expect(DecimalText.microseconds(.seconds(Int64.max)) == .max)
        #expect(DecimalText.microseconds(.seconds(Int64.min)) == 0)
    }

    @Test func labelsAreEscaped() {
        let text = text([CallRecord(method: "a\"b\\c\nd", versionPath: "2-1", code: 0, duration: .zero)])
        #expect(text.contains(#"method="a\"b\\c\nd""#))
    }

    @Test func aPluginWithoutCallsHasOnlyItsGauges() {
        let text = text([], gauges: [Gauge("resident_bytes", 1048576, help: "Memory."), Gauge("load", .nan, help: "a\nb \\ c")])
        #expect(
            text == """
                # HELP plugin_gateway_resident_bytes Memory.
                # TYPE plugin_gateway_resident_bytes gauge
                plugin_gateway_resident_bytes{plugin="legacy"} 1048576
                # HELP plugin_gateway_load a\\nb \\\\ c
                # TYPE plugin_gateway_load gauge
                plugin_gateway_load{plugin="legacy"} NaN

                """)
    }
}
