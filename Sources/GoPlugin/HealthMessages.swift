/// grpc.health.v1, which go-plugin's Ping uses.
package enum HealthMessages {
    package static let check = "/grpc.health.v1.Health/Check"
    package static let watch = "/grpc.health.v1.Health/Watch"

    /// The service go-plugin registers and asks for.
    package static let pluginService = "plugin"

    /// The services a go-plugin plugin answers SERVING for; others are NOT_FOUND.
    package static let knownServices = [pluginService, ""]

    package enum Status: UInt64, Sendable {
        case unknown = 0
        case serving = 1
        case notServing = 2
        case serviceUnknown = 3
    }

    /// A HealthCheckRequest.
    package static func encodeRequest(service: String = pluginService) -> [UInt8] {
        service.isEmpty ? [] : WireField.encode(1, bytes: service.utf8)
    }

    /// The service a HealthCheckRequest asks for; "" is the whole server.
    package static func decodeRequest(_ message: some Collection<UInt8>) throws(SmallMessageError) -> String {
        var service = ""
        try WireField.each(in: message) { number, field in
            if number == 1, case .bytes(let name) = field { service = String(decoding: name, as: UTF8.self) }
        }
        return service
    }

    /// A HealthCheckResponse.
    package static func encodeResponse(_ status: Status) -> [UInt8] {
        status == .unknown ? [] : WireField.encode(1, varint: status.rawValue)
    }

    /// The status in a HealthCheckResponse; a number nobody knows is `.unknown`.
    package static func decodeResponse(_ message: some Collection<UInt8>) throws(SmallMessageError) -> Status {
        var status = Status.unknown
        try WireField.each(in: message) { number, field in
            if number == 1, case .varint(let value) = field { status = Status(rawValue: value) ?? .unknown }
        }
        return status
    }
}
