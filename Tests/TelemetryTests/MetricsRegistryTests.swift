internal import Metrics
internal import Testing

@testable internal import Telemetry

@Suite struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    private var values: [String: Double] {
        Dictionary(registry.samples().map { ($0.field, $0.value) }) { $1 }
    }

    @Test func everyKindOfMetricArrives() {
        let counter = Counter(label: "lib.requests", dimensions: [("kind", "read")], factory: registry)
        counter.increment(by: 3)
        Gauge(label: "lib.depth", factory: registry).record(5.5)
        Timer(label: "lib.time", factory: registry).recordMicroseconds(1500)
        let recorder = Recorder(label: "lib.size", factory: registry)
        recorder.record(10)
        recorder.record(30)
        let meter = Meter(label: "lib.level", factory: registry)
        meter.set(3)
        meter.increment(by: 2.5)
        meter.decrement(by: 1.5)
        FloatingPointCounter(label: "lib.float", factory: registry).increment(by: 2.0)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_REQUESTS_READ_TOTAL"] == 3)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_DEPTH"] == 5.5)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_TIME_USEC"] == 1500)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_TIME_TOTAL"] == 1)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_SIZE_SUM"] == 40)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_SIZE_MAX"] == 30)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_SIZE_TOTAL"] == 2)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_LEVEL"] == 4)
        #expect(values["PLUGIN_GATEWAY_METRIC_LIB_FLOAT_TOTAL"] == 2)
    }

    @Test func theSameMetricMadeTwiceIsOne() {
        Counter(label: "a", factory: registry).increment()
        Counter(label: "a", factory: registry).increment()
        #expect(values == ["PLUGIN_GATEWAY_METRIC_A_TOTAL": 2])
    }

    @Test func metricsWhoseNamesWouldCollideStayApart() {
        Counter(label: "a.b", factory: registry).increment()
        Counter(label: "a_b", factory: registry).increment(by: 2)
        Counter(label: "a", dimensions: [("x", "b")], factory: registry).increment(by: 4)
        #expect(values.count == 3)
        #expect(values.values.reduce(0, +) == 7)
    }

    @Test func anyLabelGivesValidFieldNames() {
        for label in [
            "", "ключ", "9lives", String(repeating: "long.", count: 40), String(repeating: "long.", count: 40) + "x", "a b\nc",
        ] {
            Counter(label: label, factory: registry).increment()
            Timer(label: label, factory: registry).recordSeconds(1)
            Recorder(label: label, factory: registry).record(1)
        }
        #expect(values.count == 6 * (1 + 2 + 3))
        #expect(values.keys.allSatisfy(FieldName.isValid))
    }

    @Test func aLibraryThatMakesEndlessMetricsIsBounded() {
        for number in 0..<2000 { Counter(label: "c", dimensions: [("n", "\(number)")], factory: registry).increment() }
        #expect(registry.samples().count == MetricsRegistry.maximumMetrics)
    }

    @Test func destroyedMetricsKeepTheirCounts() {
        let counter = Counter(label: "a", factory: registry)
        counter.increment()
        counter.destroy()
        Counter(label: "a", factory: registry).increment()
        #expect(values["PLUGIN_GATEWAY_METRIC_A_TOTAL"] == 2)
    }
}
