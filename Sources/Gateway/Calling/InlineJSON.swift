internal import Foundation

/// Lets an operator write JSON as JSON where the protocol has bytes that hold JSON.
///
/// `{"queries":[{"refId":"A","json":{"expr":"up"}}]}` is easier to type than base64.
enum InlineJSON {
    /// The byte fields of pluginv2 that hold JSON or text.
    private static let byteFields: Set<String> = ["json", "jsonData", "body", "data"]

    static func encodingByteFields(of text: String) throws(GatewayError) -> String {
        guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed]),
            value is [String: Any]
        else {
            throw GatewayError(
                .data, "the request is not a JSON object", remedy: "Give one JSON object, or - to read it from standard input")
        }
        guard let encoded = try? JSONSerialization.data(withJSONObject: replaced(value, key: nil), options: [.fragmentsAllowed])
        else {
            throw GatewayError(.data, "the request cannot be written as JSON", remedy: "Give one JSON object")
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func replaced(_ value: Any, key: String?) -> Any {
        if let key, byteFields.contains(key), value is [String: Any] || value is [Any] {
            let data = (try? JSONSerialization.data(withJSONObject: value, options: [.withoutEscapingSlashes])) ?? Data()
            return data.base64EncodedString()
        }
        switch value {
        case let object as [String: Any]: return Dictionary(uniqueKeysWithValues: object.map { ($0, replaced($1, key: $0)) })
        case let array as [Any]: return array.map { replaced($0, key: nil) }
        default: return value
        }
    }
}
