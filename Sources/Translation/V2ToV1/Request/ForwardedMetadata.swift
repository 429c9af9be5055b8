/// gRPC metadata for the v1 call: facts that v1 messages have no field for, chosen by name. A plugin that does not look sees nothing.
struct ForwardedMetadata {
    /// Where a value comes from.
    enum Source: Hashable {
        case userLogin, userRole, namespace, dataSourceUID
        case header(WireText)
    }

    private(set) var pairs: [(name: String, value: String)] = []
    private(set) var sources: Set<Source> = []

    init(_ request: HostRequest, names: [String], _ ledger: inout LossLedger) {
        let context = request.context
        for name in names {
            switch name.lowercased() {
            case "x-grafana-user-login": add(name, context.user?.login, .userLogin, "pluginv2.User.login", &ledger)
            case "x-grafana-user-role": add(name, context.user?.role, .userRole, "pluginv2.User.role", &ledger)
            case "x-grafana-namespace": add(name, context.namespace, .namespace, "pluginv2.PluginContext.namespace", &ledger)
            case "x-grafana-ds-uid":
                add(name, context.dataSource?.uid, .dataSourceUID, "pluginv2.DataSourceInstanceSettings.uid", &ledger)
            default:
                for header in request.headers where header.key.string.lowercased() == name.lowercased() {
                    add(header.key.string, header.value, .header(header.key), request.headersPath, &ledger)
                }
            }
        }
    }

    private mutating func add(
        _ name: String, _ value: WireText?, _ source: Source, _ path: LossPath, _ ledger: inout LossLedger
    ) {
        guard let value, !value.isEmpty, !sources.contains(source) else { return }
        let name = name.lowercased()
        guard Self.isAllowed(name: name), Self.isAllowed(value: value.string) else {
            ledger.add(path, .notMetadata)
            return
        }
        pairs.append((name, value.string))
        sources.insert(source)
    }

    /// gRPC allows these characters, and keeps some names for itself; a `-bin` name would promise base64.
    private static func isAllowed(name: String) -> Bool {
        let reserved = ["te", "content-type", "user-agent", "host", "connection", "transfer-encoding", "content-length"]
        return !name.isEmpty && !name.hasPrefix("grpc-") && !name.hasSuffix("-bin") && !reserved.contains(name)
            && name.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
    }

    private static func isAllowed(value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7e }
    }
}
