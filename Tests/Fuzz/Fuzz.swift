internal import Foundation

/// What libFuzzer calls. The entries themselves are in `Sources/GatewayTestKit/Proof/FuzzTarget.swift`; `.ci/fuzz.sh` compiles both.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["PLUGIN_GATEWAY_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        print("fuzz: there is no target \(name); there are \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
        exit(64)
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    if let problem = target.run(Array(UnsafeBufferPointer(start: start, count: count))) {
        print("fuzz: \(problem)")
        fflush(nil)
        // libFuzzer keeps the input of a process that dies.
        abort()
    }
    return 0
}
