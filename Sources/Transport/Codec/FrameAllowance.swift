internal import NIOCore

/// How many frames of a kind a peer may send in a second. Full again when the second is over.
struct FrameAllowance {
    let limit: Int
    private var left: Int
    private var until = NIODeadline.uptimeNanoseconds(0)

    init(limit: Int) {
        self.limit = limit
        self.left = limit
    }

    /// False for a frame that is too many.
    mutating func admit(at now: NIODeadline) -> Bool {
        if now >= self.until {
            self.until = now + .seconds(1)
            self.left = self.limit
        }
        guard self.left > 0 else { return false }
        self.left -= 1
        return true
    }
}
