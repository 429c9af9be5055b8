/// Metadata of a frame, with the keys of the plugin SDK (`data.FrameMeta`).
///
/// Reading keeps the keys that have no property here (stats, channel, …) in ``other``; writing puts every key where the
/// SDK puts it.
package struct FrameMeta: Sendable, Equatable {
    /// The data plane contract that the frame fulfils, e.g. `timeseries-multi`.
    package var type: String?
    /// Version of that contract. The SDK always writes it; without a value it is 0.0.
    package var typeVersion: FrameTypeVersion
    /// Anything the plugin wants to tell its own front end.
    package var custom: JSONText?
    /// Shown by Grafana above the panel.
    package var notices: [Notice]
    package var preferredVisualisationType: String?
    package var executedQueryString: String?
    /// All other members, in the order they were read.
    package var other: [JSONMember]

    package init(
        type: String? = nil, typeVersion: FrameTypeVersion = FrameTypeVersion(0, 0), custom: JSONText? = nil,
        notices: [Notice] = [], preferredVisualisationType: String? = nil, executedQueryString: String? = nil,
        other: [JSONMember] = []
    ) {
        self.type = type
        self.typeVersion = typeVersion
        self.custom = custom
        self.notices = notices
        self.preferredVisualisationType = preferredVisualisationType
        self.executedQueryString = executedQueryString
        self.other = other
    }
}

/// Version of a data plane contract: two non-negative integers.
package struct FrameTypeVersion: Sendable, Equatable {
    package var major: UInt64
    package var minor: UInt64

    package init(_ major: UInt64, _ minor: UInt64) {
        self.major = major
        self.minor = minor
    }
}

/// A message to the user that travels with a frame.
package struct Notice: Sendable, Equatable {
    /// The only severities that Grafana's decoder accepts; any other fails the whole response.
    package enum Severity: String, Sendable {
        case info, warning, error
    }

    /// The tab of the panel inspector that a click on the notice opens. Grafana ignores numbers it does not know.
    package struct Inspect: RawRepresentable, Sendable, Equatable {
        package var rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let none = Inspect(rawValue: 0)
        package static let meta = Inspect(rawValue: 1)
        package static let error = Inspect(rawValue: 2)
        package static let data = Inspect(rawValue: 3)
        package static let stats = Inspect(rawValue: 4)
    }

    package var severity: Severity
    package var text: String
    package var link: String?
    package var inspect: Inspect

    package init(severity: Severity, text: String, link: String? = nil, inspect: Inspect = .none) {
        self.severity = severity
        self.text = text
        self.link = link
        self.inspect = inspect
    }
}
