/// How Grafana shows a field. Only what the gateway sets itself has a property; the rest is kept as it came.
package struct FieldConfig: Sendable {
    /// The name that the data source chose. It wins over everything Grafana would compose from names and labels.
    package var displayNameFromDS: String?
    /// All other members (unit, decimals, links, …), in the order they were read.
    package var other: [JSONMember]

    package init(displayNameFromDS: String? = nil, other: [JSONMember] = []) {
        self.displayNameFromDS = displayNameFromDS
        self.other = other
    }

    package var isEmpty: Bool { displayNameFromDS == nil && other.isEmpty }
}

extension FieldConfig: Equatable {
    package static func == (lhs: FieldConfig, rhs: FieldConfig) -> Bool {
        switch (lhs.displayNameFromDS, rhs.displayNameFromDS) {
        case (nil, nil): break
        case (let left?, let right?) where left.hasSameBytes(as: right): break
        default: return false
        }
        return lhs.other == rhs.other
    }
}
