internal import Routing
internal import Translation

/// What becomes of every method, message and field between a host of one version and a plugin of another, ready to be printed.
package struct Explanation: Codable, Sendable, Equatable {
    package struct Field: Codable, Sendable, Equatable {
        package var number: UInt32
        package var name: String
        package var type: String
        /// `carried`, `converted`, `synthesised`, `lost`, `not applicable`.
        package var rule: String
        package var counterpart: String?
        /// How, from what, why, or what the host gets instead.
        package var text: String
        /// What an operator can do about a loss.
        package var remedy: String?
        /// Causes that may be entered for it.
        package var losses: [String]
        package var notice: String?
    }

    package struct Message: Codable, Sendable, Equatable {
        package var name: String
        /// `request` or `answer`.
        package var direction: String
        package var text: String
        package var losses: [String]
        package var notice: String?
        package var fields: [Field]
    }

    package struct Method: Codable, Sendable, Equatable {
        package var name: String
        package var request: String
        package var reply: String
        /// `relayed`, `translated`, `answered`, `unimplemented`, `used`.
        package var handling: String
        package var text: String
    }

    package struct Value: Codable, Sendable, Equatable {
        package var number: Int32
        package var name: String
        package var text: String
    }

    package struct Enumeration: Codable, Sendable, Equatable {
        package var name: String
        package var values: [Value]
    }

    /// A reason why something does not arrive as it was sent.
    package struct Cause: Codable, Sendable, Equatable {
        package var name: String
        package var meaning: String
        package var remedy: String
    }

    package var host: Int
    package var plugin: Int
    /// `relayed` or `translated`.
    package var mode: String
    /// One sentence.
    package var reason: String
    package var methods: [Method]
    package var messages: [Message]
    package var enumerations: [Enumeration]
    package var causes: [Cause]
}

extension Explanation {
    /// The major versions of the plugin protocol that there are.
    package static let knownVersions = [1, 2, 3]

    /// Explains one pair of versions, or, without a plugin's version, everything that the gateway can reach for the host.
    ///
    /// - Throws: `GatewayError` of the kind `usage` for a version that does not exist, `unavailable` for a pair that no translator joins.
    package static func all(host: Int?, plugin: Int?) throws(GatewayError) -> [Explanation] {
        let host = host ?? AttachmentRouter.hostVersion
        for version in [host, plugin ?? host] where !knownVersions.contains(version) {
            throw GatewayError(
                .usage, "there is no plugin protocol of version \(version)",
                remedy: "Give one of \(knownVersions.map(String.init).joined(separator: ", "))")
        }
        guard host == AttachmentRouter.hostVersion else {
            throw GatewayError(
                .unavailable, "the gateway serves no hosts of protocol version \(host)",
                remedy:
                    "The host must speak protocol version \(AttachmentRouter.hostVersion): give --host \(AttachmentRouter.hostVersion)"
            )
        }
        let reachable = TranslationPath.reachable(from: host)
        var explanations: [Explanation] = []
        for version in plugin.map({ [$0] }) ?? reachable {
            let path = TranslationPath.choose(host: host, plugin: version)
            guard path.mode != .impossible, let book = RuleBook.of(host: host, plugin: version) else {
                throw GatewayError(
                    .unavailable, "no translator leads from host \(host) to plugin \(version)",
                    remedy: "The plugin must offer protocol version \(reachable.map(String.init).joined(separator: " or "))")
            }
            explanations.append(Explanation(path, book))
        }
        return explanations
    }

    private init(_ path: TranslationPath, _ book: RuleBook) {
        host = path.host
        plugin = path.plugin
        mode = path.mode.rawValue
        reason = path.reason
        methods = book.methods.map {
            Method(name: $0.name, request: $0.request, reply: $0.reply, handling: $0.kind.rawValue, text: $0.text)
        }
        messages = book.messages.map { message in
            Message(
                name: message.name, direction: message.direction.rawValue, text: message.text,
                losses: message.losses.map(\.rawValue),
                notice: message.notice,
                fields: message.fields.map { field in
                    Field(
                        number: field.number, name: field.name, type: field.type, rule: field.kind.rawValue,
                        counterpart: field.counterpart,
                        text: field.text, remedy: field.remedy.isEmpty ? nil : field.remedy, losses: field.losses.map(\.rawValue),
                        notice: field.notice)
                })
        }
        enumerations = book.enums.map { rules in
            Enumeration(name: rules.name, values: rules.values.map { Value(number: $0.number, name: $0.name, text: $0.text) })
        }
        let possible = Set(book.lossyPaths.flatMap { book.causes(of: $0) } + [.unknownField])
        causes = LossCause.allCases.filter(possible.contains).map {
            Cause(name: $0.rawValue, meaning: $0.meaning, remedy: $0.remedy)
        }
    }

    /// How many fields have each rule, in requests and in answers.
    package var counts: [(rule: String, requests: Int, answers: Int)] {
        FieldRule.Kind.allCases.map { kind in
            func count(_ direction: String) -> Int {
                messages.filter { $0.direction == direction }.reduce(0) { $0 + $1.fields.count { $0.rule == kind.rawValue } }
            }
            return (kind.rawValue, count("request"), count("answer"))
        }
    }
}

extension Explanation.Field {
    /// Everything that is to be said of the field beside its rule, in one line.
    var explanation: String {
        var parts: [String] = []
        if let counterpart { parts.append("→ \(counterpart)") }
        if !text.isEmpty { parts.append(text) }
        return parts.joined(separator: counterpart == nil ? "" : ": ")
    }
}
