import Foundation

/// Independent readers of frames: pyarrow for Arrow files, a reader of our own making in Python for JSON documents.
final class FrameJudge {
    private let arrow: Child
    private let json: Child

    init() throws {
        arrow = try Child(Places.python, [Places.judges + "/judge_arrow.py"])
        json = try Child(Places.python, [Places.judges + "/judge_json.py"])
    }

    deinit {
        arrow.end(within: 2)
        json.end(within: 2)
    }

    /// The frame as the judge reads it, with `ok` and, when it is not, `errors`.
    func judge(_ base64: String, json isJSON: Bool) throws -> [String: Any] {
        let child = isJSON ? json : arrow
        try child.send(base64)
        return try JSON.object(child.line(within: 60))
    }
}

/// The responses of a QueryData answer as the Go host prints them.
struct Responses {
    struct Response {
        let status: Int
        let error: String
        let errorSource: String
        let format: String
        let jsonMeta: String?
        /// Base64.
        let frames: [String]
    }
    let all: [String: Response]

    init(_ answer: [String: Any]) throws {
        guard let response = answer["response"] as? [String: Any] else { throw HarnessError("no response in \(answer)") }
        all = (response["responses"] as? [String: [String: Any]] ?? [:]).mapValues { entry in
            Response(
                status: entry["status"] as? Int ?? 0, error: entry["error"] as? String ?? "",
                errorSource: entry["errorSource"] as? String ?? "",
                format: entry["format"] as? String ?? "\(entry["format"] ?? "ARROW")", jsonMeta: entry["jsonMeta"] as? String,
                frames: entry["frames"] as? [String] ?? [])
        }
    }

    subscript(refID: String) -> Response? { all[refID] }
}
