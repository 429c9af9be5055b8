internal import Foundation
internal import Glibc

/// Where a figure was measured.
struct Machine: Codable {
    var processor: String
    var processors: Int
    var kernel: String
    var cLibrary: String
    var compiler: String

    init() {
        let facts = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = facts.split(separator: "\n").first { $0.hasPrefix("model name") }
        processor = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        kernel =
            ((try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? "unknown")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        cLibrary = Self.version(Int32(_CS_GNU_LIBC_VERSION))
        #if compiler(>=6.4)
            compiler = "Swift 6.4 or newer"
        #elseif compiler(>=6.3)
            compiler = "Swift 6.3"
        #else
            compiler = "Swift before 6.3"
        #endif
    }

    private static func version(_ name: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 64)
        let length = text.withUnsafeMutableBytes { confstr(name, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
        return length > 0 && length <= text.count ? String(decoding: text.prefix(length - 1), as: UTF8.self) : "unknown C library"
    }

    var text: String { "\(processors) × \(processor), Linux \(kernel), \(cLibrary), \(compiler), -c release" }
}
