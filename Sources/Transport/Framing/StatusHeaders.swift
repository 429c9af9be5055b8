internal import NIOHPACK

/// A status as header fields, and back.
enum StatusHeaders {
    /// gRPC C-core refuses header blocks over 8 KiB by default, so a long text must not take the status with it.
    static let maximumMessageBytes = 4096

    /// The fields of a trailing header block.
    static func trailers(_ status: GRPCStatus, metadata: Metadata = Metadata()) -> HPACKHeaders {
        var headers = HPACKHeaders()
        self.add(status, metadata, to: &headers)
        return headers
    }

    /// The one header block of a reply without messages.
    static func trailersOnly(_ status: GRPCStatus, metadata: Metadata = Metadata(), httpStatus: String = "200") -> HPACKHeaders {
        var headers: HPACKHeaders = [":status": httpStatus, "content-type": "application/grpc"]
        if status.code == .unimplemented {
            headers.add(name: "grpc-accept-encoding", value: MessageEncoding.accepted)
        }
        self.add(status, metadata, to: &headers)
        return headers
    }

    private static func add(_ status: GRPCStatus, _ metadata: Metadata, to headers: inout HPACKHeaders) {
        headers.add(name: "grpc-status", value: String(status.code.rawValue))
        if !status.message.isEmpty {
            let text = BoundedText.prefix(status.message, bytes: self.maximumMessageBytes)
            headers.add(name: "grpc-message", value: StatusMessage.encode(text))
        }
        if let details = status.details {
            headers.add(name: "grpc-status-details-bin", value: Base64.encode(details))
        }
        headers.add(status.metadata)
        headers.add(metadata)
    }

    /// The status in a header block; nil when it has none.
    static func status(in headers: HPACKHeaders) -> GRPCStatus? {
        guard let text = headers.first(name: "grpc-status") else { return nil }
        let message = headers.first(name: "grpc-message").map(StatusMessage.decode) ?? ""
        let details = headers.first(name: "grpc-status-details-bin").flatMap { Base64.decode($0.utf8) }
        guard let code = Int(text).flatMap(GRPCCode.init(rawValue:)) else {
            let number = BoundedText.prefix(text, bytes: 16)
            return GRPCStatus(
                code: .unknown, message: message.isEmpty ? "unknown grpc-status \(number)" : message, details: details,
                metadata: Metadata(headers))
        }
        return GRPCStatus(code: code, message: message, details: details, metadata: Metadata(headers))
    }

    /// The code in a header block, without reading the rest.
    static func code(in headers: HPACKHeaders) -> GRPCCode? {
        headers.first(name: "grpc-status").map { Int($0).flatMap(GRPCCode.init(rawValue:)) ?? .unknown }
    }
}
