/// The six wire types of protobuf.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case groupStart = 3
    case groupEnd = 4
    case fixed32 = 5
}

/// A decoded tag, with the place it was read from.
struct WireTag {
    var number: UInt32
    var type: WireType
    /// Byte offset of the tag's first byte in the outermost message.
    var offset: Int

    @inline(__always)
    func isField(_ number: UInt32, _ type: WireType) -> Bool {
        self.number == number && self.type == type
    }
}
