internal import CAllocations
internal import Glibc
internal import PluginProtocolV1
internal import SwiftProtobuf
internal import TranslationWorkloads

/// What is run in each round: a translation of the gateway, or something to compare it with.
struct Contender {
    static let copy = "memcpy"
    static let newCopy = "memcpy to a new block"
    static let swiftProtobuf = "swift-protobuf decode"
    static let heap = "libprotobuf decode, heap"
    static let arena = "libprotobuf decode, arena"
    static let warmArena = "libprotobuf decode, warm arena"

    let input: Workload.Input
    let name: String
    /// Bytes that it makes; nil for those that only read.
    let outputBytes: Int?
    let run: () throws -> Void

    /// The contenders of one input together, the baselines behind the translations.
    static func all(_ workloads: [Workload], _ libProtobuf: LibProtobuf?) throws -> [Contender] {
        var contenders: [Contender] = []
        var seen: Set<String> = []
        for workload in workloads where seen.insert(workload.input.name).inserted {
            let input = workload.input
            for own in workloads where own.input.name == input.name {
                contenders.append(
                    Contender(input: input, name: own.output, outputBytes: own.outputBytes) { _ = try own.run() })
            }
            if isReply(input) { contenders += try baselines(input, libProtobuf) }
        }
        return contenders
    }

    /// Requests are planned, replies are decoded; the baselines decode replies.
    private static func isReply(_ input: Workload.Input) -> Bool { !input.name.hasPrefix("request") }

    private static func baselines(_ input: Workload.Input, _ libProtobuf: LibProtobuf?) throws -> [Contender] {
        let bytes = input.bytes
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        var contenders = [
            Contender(input: input, name: copy, outputBytes: nil) {
                bytes.withUnsafeBytes { target.copyMemory(from: $0) }
                allocations_keep(target.baseAddress)
            },
            Contender(input: input, name: newCopy, outputBytes: nil) {
                let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
                bytes.withUnsafeBytes { block.copyMemory(from: $0) }
                allocations_keep(block.baseAddress)
                block.deallocate()
            },
            Contender(input: input, name: swiftProtobuf, outputBytes: nil) {
                let reply = try Models_DatasourceResponse(serializedBytes: bytes)
                guard reply.results.count == 1 else { throw BenchmarkError("swift-protobuf did not decode \(input.name)") }
            },
        ]
        for (name, decode) in libProtobuf?.decoders ?? [] {
            let expected = input.unit == .call ? 1 : Int64(input.units)
            contenders.append(
                Contender(input: input, name: name, outputBytes: nil) {
                    guard bytes.withUnsafeBytes({ decode($0.baseAddress, $0.count) }) >= expected else {
                        throw BenchmarkError("libprotobuf did not decode \(input.name)")
                    }
                })
        }
        return contenders
    }
}
