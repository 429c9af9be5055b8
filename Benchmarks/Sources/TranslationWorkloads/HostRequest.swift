/// Encoded `pluginv2.QueryDataRequest`s, which `QueryChunkedDataRequest`s are alike.
enum HostRequest {
    enum Format: Int64 {
        case arrow = 0
        case json = 1
    }

    /// What a dashboard's panel sends: settings, the host's configuration, headers, and queries over one time range with the models that an
    /// editor saved.
    static func typical(queries: Int, format: Format) -> [UInt8] {
        var request = MessageBytes()
        request.message(1, context)
        request.entry(2, "FromAlert", "false")
        request.entry(2, "http_X-Dashboard-Uid", "edlopzu6hn4lcd")
        request.entry(2, "http_X-Panel-Id", "4")
        request.entry(2, "http_Accept-Language", "en-GB,en;q=0.8")
        for place in 0..<queries {
            request.message(3) { query(&$0, place) }
        }
        request.integer(4, format.rawValue)
        return request.bytes
    }

    private static func context(_ context: inout MessageBytes) {
        context.integer(1, 1)
        context.text(2, "example-metrics-datasource")
        context.message(3) {
            $0.text(1, "mary")
            $0.text(2, "Mary Major")
            $0.text(3, "mary@example.org")
            $0.text(4, "Editor")
        }
        context.message(5) {
            $0.integer(1, 17)
            $0.text(2, "Metrics (production)")
            $0.text(3, "https://metrics.example.org:8443/api/v1")
            let settings =
                #"{"tlsAuth":true,"timeout":30,"httpMethod":"POST","customQueryParameters":"dedup=true","database":"metrics","#
            $0.text(8, settings + #""maxSeries":500,"derivedFields":[{"name":"trace","matcherRegex":"id=(\\w+)"}]}"#)
            $0.entry(9, "basicAuthPassword", "benchmark")
            $0.entry(9, "tlsClientCert", String(repeating: "certificate ", count: 100))
            $0.entry(9, "tlsClientKey", String(repeating: "key ", count: 400))
            $0.integer(10, 1_700_000_000_000)
            $0.text(11, "P1809F7CD0C75ACF3")
        }
        for place in 0..<12 { context.entry(6, "GF_INSTANCE_SETTING_\(place)", "value-\(place)") }
        context.text(7, "1.4.2")
        context.text(8, "Grafana/12.0.0 (linux; amd64)")
        context.text(10, "default")
    }

    private static func query(_ query: inout MessageBytes, _ place: Int) {
        let refID = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(place % 26)))
        query.text(1, refID)
        query.integer(2, 1200)
        query.integer(3, 15_000)
        query.message(4) {
            $0.integer(1, 1_700_000_000_000)
            $0.integer(2, 1_700_021_600_000)
        }
        query.text(
            5,
            #"{"datasource":{"type":"example-metrics-datasource","uid":"P1809F7CD0C75ACF3"},"refId":"\#(refID)","datasourceId":17,"#
                + #""intervalMs":15000,"maxDataPoints":1200,"expr":"sum by (host) (rate(node_cpu_seconds_total{mode!=\"idle\"}[5m]))","#
                + #""legendFormat":"{{host}}","hide":false,"options":{"fill":"null","topN":10,"tags":["host","region"],"offset":\#(place)}}"#
        )
        query.text(6, "timeSeries")
    }
}
