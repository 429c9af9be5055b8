/// How much one translated call carried.
package struct TranslationStatistics: Sendable, Equatable {
    /// Points of series that reached a frame.
    package var points = 0
    /// Cells of tables that reached a frame, nulls included.
    package var cells = 0
    package var frames = 0
    /// Bytes of the plugin's replies.
    package var bytesIn = 0
    /// Bytes of the answer to the host.
    package var bytesOut = 0

    package init() {}
}
