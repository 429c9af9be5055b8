/// `pluginv2.Diagnostics/CollectMetrics` in front of a v1 plugin: the gateway's own metrics for it.
package enum V2ToV1CollectMetrics {
    /// - Parameter prometheus: text in Prometheus' exposition format.
    /// - Returns: an encoded `pluginv2.CollectMetricsResponse`.
    package static func answer(prometheus: [UInt8]) -> [UInt8] {
        var writer = WireWriter(reservingCapacity: prometheus.count + 16)
        writer.message(1) { $0.data(1, prometheus) }
        return writer.bytes
    }
}
