/// Groups that have begun and not ended, while they are skipped with everything inside. (No schema here has groups.)
struct OpenGroups {
    /// How many may be open at once.
    static let maximumDepth = 64

    /// Numbers of the open groups, the innermost last.
    private var numbers: [UInt32]
    private let start: Int

    /// - Parameter tag: the tag that begins the outermost group.
    init(_ tag: WireTag) {
        numbers = [tag.number]
        start = tag.offset
    }

    var isClosed: Bool { numbers.isEmpty }

    /// The error when the message ends before the outermost group does.
    var unfinished: WireError { WireError(code: .unfinishedGroup, offset: start) }

    /// Takes the tag of a field inside; false when the field has a value that is still to be skipped.
    mutating func take(_ tag: WireTag) throws(WireError) -> Bool {
        switch tag.type {
        case .groupStart:
            guard numbers.count < Self.maximumDepth else { throw WireError(code: .nestingTooDeep, offset: tag.offset) }
            numbers.append(tag.number)
        case .groupEnd:
            guard tag.number == numbers.last else { throw WireError(code: .unmatchedGroupEnd, offset: tag.offset) }
            numbers.removeLast()
        default:
            return false
        }
        return true
    }
}
