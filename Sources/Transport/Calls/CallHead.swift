package import NIOCore
internal import NIOHPACK

/// What is known of a call when it begins.
package struct CallHead: Sendable {
    /// The method path as on the wire, for example `/pluginv2.Data/QueryData`.
    package let path: String
    /// When the host's patience ends; nil when it named no deadline.
    package let deadline: NIODeadline?
    /// When the call's headers arrived.
    package let startedAt: NIODeadline
    /// The header block as received.
    let headers: HPACKHeaders

    init(path: String, deadline: NIODeadline?, startedAt: NIODeadline, headers: HPACKHeaders) {
        self.path = path
        self.deadline = deadline
        self.startedAt = startedAt
        self.headers = headers
    }

    /// The application's metadata (built on each use).
    package var metadata: Metadata { Metadata(self.headers) }

    /// `pluginv2.Data` of `/pluginv2.Data/QueryData`.
    package var service: Substring {
        self.path.dropFirst().prefix { $0 != "/" }
    }

    /// `QueryData` of `/pluginv2.Data/QueryData`.
    package var method: Substring {
        self.path.dropFirst(self.service.count + 2)
    }
}
