/// The statistics of a plugin in the Prometheus text exposition format, version 0.0.4.
package enum PrometheusText {
    /// The powers of two, in microseconds, at which the latency is reported: 64 µs to 67 s.
    static let latencyPowers = Array(stride(from: 6, through: 26, by: 2))

    package static func render(_ snapshot: PluginStatistics.Snapshot, gauges: [Gauge] = []) -> [UInt8] {
        var text = Text(plugin: snapshot.pluginID)
        let methods = snapshot.methods
        if !methods.isEmpty {
            text.family("calls_total", .counter, "Calls that the gateway has finished.")
            for method in methods { text.sample("calls_total", method, [], method.calls) }
            text.family("call_codes_total", .counter, "Finished calls by gRPC status code.")
            for method in methods {
                for (code, count) in method.callsByCode.enumerated() where count > 0 {
                    text.sample("call_codes_total", method, [("code", GRPCCodeName.all[code])], count)
                }
            }
            text.family("call_duration_seconds", "histogram", "Time from a call's arrival to its last byte.")
            for method in methods { text.histogram("call_duration_seconds", method) }
            text.family("request_bytes_total", .counter, "Message bytes received from the host.")
            for method in methods { text.sample("request_bytes_total", method, [], method.bytesIn) }
            text.family("response_bytes_total", .counter, "Message bytes sent to the host.")
            for method in methods { text.sample("response_bytes_total", method, [], method.bytesOut) }
            text.family("points_total", .counter, "Data points in answers.")
            for method in methods { text.sample("points_total", method, [], method.points) }
            text.family("frames_total", .counter, "Data frames in answers.")
            for method in methods { text.sample("frames_total", method, [], method.frames) }
            text.family("translation_seconds_total", .counter, "Time that translating took.")
            for method in methods { text.sample("translation_seconds_total", method, method.translation) }
        }
        if methods.contains(where: { !$0.losses.isEmpty }) {
            text.family("losses_total", .counter, "What translation between protocol versions had to leave out.")
            for method in methods {
                for (key, count) in method.lossesByCount {
                    text.sample("losses_total", method, [("path", key.path), ("cause", key.cause)], count)
                }
            }
        }
        for gauge in gauges {
            let name = Text.metricName(gauge.name)
            text.family(name, gauge.kind, gauge.help)
            text.sample(name, [], DecimalText.plain(gauge.value))
        }
        return Array(text.output.utf8)
    }

    private struct Text {
        let plugin: String
        var output = ""

        init(plugin: String) { self.plugin = plugin }

        mutating func family(_ name: String, _ kind: Gauge.Kind, _ help: String) {
            family(name, kind.rawValue, help)
        }

        mutating func family(_ name: String, _ type: String, _ help: String) {
            output +=
                "# HELP plugin_gateway_\(name) \(Self.escaped(help, quotes: false))\n# TYPE plugin_gateway_\(name) \(type)\n"
        }

        mutating func sample(_ name: String, _ method: MethodStatistics, _ labels: [(String, String)], _ value: UInt64) {
            sample(name, [("method", method.method), ("version_path", method.versionPath)] + labels, String(value))
        }

        mutating func sample(_ name: String, _ method: MethodStatistics, _ time: Duration) {
            sample(
                name, [("method", method.method), ("version_path", method.versionPath)],
                DecimalText.seconds(DecimalText.microseconds(time)))
        }

        mutating func sample(_ name: String, _ labels: [(String, String)], _ value: String) {
            let list = ([("plugin", plugin)] + labels).map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }.joined(
                separator: ",")
            output += "plugin_gateway_\(name){\(list)} \(value)\n"
        }

        mutating func histogram(_ name: String, _ method: MethodStatistics) {
            let latency = method.latency
            for power in latencyPowers {
                sample(
                    name + "_bucket", method, [("le", DecimalText.seconds(1 << UInt64(power)))], latency.cumulative(power: power))
            }
            sample(name + "_bucket", method, [("le", "+Inf")], latency.count)
            sample(
                name + "_sum", [("method", method.method), ("version_path", method.versionPath)], DecimalText.seconds(latency.sum)
            )
            sample(name + "_count", method, [], latency.count)
        }

        static func metricName(_ name: String) -> String {
            FieldName.sanitised(name, limit: 100).lowercased()
        }

        static func escaped(_ text: String, quotes: Bool) -> String {
            var result = ""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\\": result += "\\\\"
                case "\n": result += "\\n"
                case "\"" where quotes: result += "\\\""
                default: result.unicodeScalars.append(scalar)
                }
            }
            return result
        }
    }
}
