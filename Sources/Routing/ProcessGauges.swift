internal import Glibc
internal import PluginSupervision
internal import Telemetry

/// Facts of a plugin's process that go beside its counters.
enum ProcessGauges {
    static func of(_ plugin: RunningPlugin, restarts: Int) -> [Gauge] {
        var gauges = [
            Gauge("plugin_restarts_total", Double(restarts), kind: .counter, help: "Restarts of the plugin by the gateway"),
            Gauge(
                "plugin_uptime_seconds", Double(plugin.uptime.components.seconds),
                help: "Seconds since the plugin's process started"),
        ]
        if let resident = residentBytes(plugin.pid) {
            gauges.append(Gauge("plugin_resident_bytes", Double(resident), help: "Resident memory of the plugin's process"))
        }
        return gauges
    }

    /// Resident memory of a process in bytes, from `/proc/PID/statm`.
    static func residentBytes(_ pid: Int32) -> Int? {
        guard let file = fopen("/proc/\(pid)/statm", "re") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, 128, file) != nil else { return nil }
        let parts = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        guard parts.count >= 2, let pages = Int(parts[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
