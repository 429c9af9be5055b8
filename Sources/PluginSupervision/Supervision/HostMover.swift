/// Moves the connections of a host to what serves by now.
package struct HostMover: Sendable {
    /// Tells the host to move where that is due, and returns when that is done or `cap` has passed.
    package var move: @Sendable (_ reason: String, _ cap: Duration) async -> Void
    /// Whether calls are going on that hold no ``PluginLease``.
    package var isBusy: @Sendable () async -> Bool

    package init(
        move: @escaping @Sendable (_ reason: String, _ cap: Duration) async -> Void,
        isBusy: @escaping @Sendable () async -> Bool
    ) {
        self.move = move
        self.isBusy = isBusy
    }
}
