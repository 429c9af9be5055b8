/// The rules of every field of one message.
package struct MessageRules: Sendable, Equatable {
    /// Which way the message goes.
    package enum Direction: String, Sendable {
        /// From the host to the plugin.
        case request
        /// From the plugin to the host.
        case answer
    }

    /// The full name, such as `pluginv2.DataQuery`.
    package var name: String
    package var direction: Direction
    /// What is to be said of the message as a whole.
    package var text: String
    package var fields: [FieldRule]
    /// What the ledger may enter under the path of the message itself.
    package var losses: [LossCause]
    /// As in ``FieldRule/notice``, for the losses of the message itself.
    package var notice: String?

    package init(
        _ name: String, _ direction: Direction, _ text: String, losses: [LossCause] = [], notice: String? = nil,
        _ fields: [FieldRule]
    ) {
        self.name = name
        self.direction = direction
        self.text = text
        self.fields = fields
        self.losses = losses
        self.notice = notice
    }

    /// A message of a method that the other version lacks. Of its fields only number, name and type are given.
    package static func notApplicable(
        _ name: String, _ direction: Direction, answer: String, _ fields: [(number: UInt32, name: String, type: String)]
    ) -> MessageRules {
        MessageRules(
            name, direction, answer,
            fields.map { FieldRule.notApplicable($0.number, $0.name, $0.type, answer: answer) })
    }

    /// The protobuf package, such as `pluginv2` of `pluginv2.DataQuery`.
    package var schema: String { name.split(separator: ".").first.map(String.init) ?? name }

    package func field(_ number: UInt32) -> FieldRule? { fields.first { $0.number == number } }
}

/// What the values of an enumeration mean on the other side.
package struct EnumRules: Sendable, Equatable {
    package struct Value: Sendable, Equatable {
        package var number: Int32
        package var name: String
        package var text: String
    }

    package var name: String
    package var values: [Value]

    package init(_ name: String, _ values: [(Int32, String, String)]) {
        self.name = name
        self.values = values.map { Value(number: $0.0, name: $0.1, text: $0.2) }
    }
}

/// What becomes of a method.
package struct MethodRule: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Passed byte for byte, but for what the text says.
        case relayed
        /// The plugin is asked, in its own version.
        case translated
        /// The gateway answers in the plugin's place.
        case answered
        /// UNIMPLEMENTED, with a sentence that says why.
        case unimplemented
        /// A method of the plugin's version, which translated ones use.
        case used
    }

    /// `package.Service/Method`.
    package var name: String
    package var request: String
    package var reply: String
    package var kind: Kind
    package var text: String

    package init(_ name: String, _ request: String, _ reply: String, _ kind: Kind, _ text: String) {
        self.name = name
        self.request = request
        self.reply = reply
        self.kind = kind
        self.text = text
    }
}
