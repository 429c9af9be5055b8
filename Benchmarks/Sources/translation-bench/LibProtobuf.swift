internal import Glibc
internal import TranslationWorkloads

/// The C++ decoders, in a library that is loaded at run time: this package then builds without libprotobuf.
struct LibProtobuf {
    typealias Decode = @convention(c) (UnsafeRawPointer?, Int) -> Int64

    /// Name and decoder.
    let decoders: [(name: String, decode: Decode)]

    init(library path: String) throws {
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw BenchmarkError("\(path) cannot be loaded: \(Self.reason). `make bench-translation` builds it.")
        }
        let symbols = [
            (Contender.heap, "decode_on_heap"), (Contender.arena, "decode_on_arena"),
            (Contender.warmArena, "decode_on_warm_arena"),
        ]
        decoders = try symbols.map { name, symbol in
            guard let address = dlsym(library, symbol) else {
                throw BenchmarkError(
                    "\(path) has no \(symbol): \(Self.reason). Remove it, and run `make bench-translation` again.")
            }
            return (name, unsafeBitCast(address, to: Decode.self))
        }
    }

    private static var reason: String { dlerror().map { String(cString: $0) } ?? "no reason was given" }
}
