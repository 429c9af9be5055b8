internal import Glibc

/// The text of an error number.
enum SystemErrorText {
    static func describe(_ number: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 128)
        bytes.withUnsafeMutableBytes { space in
            guard let base = space.baseAddress else { return }
            strerror_r(number, base.assumingMemoryBound(to: CChar.self), space.count)
        }
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? "error \(number)" : text
    }
}
