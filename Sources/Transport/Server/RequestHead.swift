internal import NIOCore
internal import NIOHPACK

/// The first header block of a call, checked.
enum RequestHead {
    struct Refusal: Error {
        var httpStatus: String
        var status: GRPCStatus
    }

    static func parse(_ headers: HPACKHeaders, now: NIODeadline) throws(Refusal) -> CallHead {
        let method = headers.first(name: ":method") ?? ""
        guard method == "POST" else {
            throw self.refusal(
                "405", .internal, "HTTP method \(BoundedText.prefix(method, bytes: 16)) is not POST, which gRPC uses")
        }
        let type = headers.first(name: "content-type") ?? "none"
        guard self.isGRPC(type) else {
            throw self.refusal("415", .unknown, "content type \(BoundedText.prefix(type, bytes: 64)) is not application/grpc")
        }
        let path = headers.first(name: ":path") ?? ""
        guard self.isMethodPath(path) else {
            throw self.refusal(
                "200", .unimplemented, "\(BoundedText.prefix(path, bytes: 128)) is not a method path like /package.Service/Method"
            )
        }
        var deadline: NIODeadline?
        if let text = headers.first(name: "grpc-timeout") {
            guard let timeout = CallTimeout.parse(text) else {
                throw self.refusal("200", .internal, "grpc-timeout \(BoundedText.prefix(text, bytes: 16)) is not a gRPC timeout")
            }
            deadline = now + timeout
        }
        return CallHead(path: path, deadline: deadline, startedAt: now, headers: headers)
    }

    /// `application/grpc`, alone or followed by a message format or a parameter.
    private static func isGRPC(_ type: String) -> Bool {
        let name = "application/grpc"
        guard type.utf8.count >= name.utf8.count, type.prefix(name.utf8.count).lowercased() == name else { return false }
        switch type.utf8.dropFirst(name.utf8.count).first {
        case nil, UInt8(ascii: "+"), UInt8(ascii: ";"): return true
        default: return false
        }
    }

    private static func isMethodPath(_ path: String) -> Bool {
        let bytes = path.utf8
        guard bytes.first == UInt8(ascii: "/"), let last = bytes.lastIndex(of: UInt8(ascii: "/")) else { return false }
        return bytes.distance(from: bytes.startIndex, to: last) > 1 && bytes.index(after: last) < bytes.endIndex
    }

    private static func refusal(_ http: String, _ code: GRPCCode, _ message: String) -> Refusal {
        Refusal(httpStatus: http, status: GRPCStatus(code: code, message: message + "; the host must change"))
    }
}
