/// Why a frame could not be written or read: what happened, and which side must change what.
package struct FrameError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A frame in memory breaks a rule of frames: columns of different length, a null in a non-nullable field.
        case invalidFrame
        /// A frame in memory is legal but does not fit the format: a text column beyond 4 GiB, a row beyond a batch.
        case frameTooLarge
        /// The bytes are not an Arrow IPC file: no magic, cut short, a stream.
        case notAnArrowFile
        /// An Arrow file whose offsets, lengths or counts contradict each other or leave the file.
        case malformedArrow
        /// A legal Arrow file that uses something frames do not have: dictionaries, compression, a foreign type.
        case unsupportedArrow
        /// Text that is not JSON, or nested too deeply.
        case malformedJSON
        /// JSON that is not a frame: wrong keys, wrong order, wrong types, columns of different length.
        case malformedFrameJSON
        /// Labels, field configuration or frame metadata whose JSON has the wrong shape.
        case malformedMetadata
        /// Reading would take more memory than a file of this size may ask for.
        case amplification
    }

    package var code: Code
    /// What happened, in one sentence.
    package var message: String
    /// Which side must change, and to what.
    package var remedy: String
    /// Where in the input (bytes from its start), for errors of reading.
    package var byteOffset: Int?

    package init(_ code: Code, _ message: String, remedy: String, byteOffset: Int? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.byteOffset = byteOffset
    }

    package var description: String {
        let place = byteOffset.map { " at byte \($0)" } ?? ""
        return "\(code.rawValue)\(place): \(message) \(remedy)"
    }
}
