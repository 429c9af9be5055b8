/// On what terms a call is forwarded.
package struct ForwardTerms: Sendable {
    /// How long a call may take that has no deadline of its own: the plugin is told, and the call is ended then. Nil waits for ever.
    package var patience: Duration?
    /// Held until the call has ended.
    package var lease: (any AnyObject & Sendable)?

    package init(patience: Duration? = nil, lease: (any AnyObject & Sendable)? = nil) {
        self.patience = patience
        self.lease = lease
    }
}
