import Foundation
import Testing

@testable import Routing

/// The list of methods with one reply is that of the schemas.
@Suite struct UnaryMethodsTests {
    @Test func theListHoldsWhatTheSchemasSay() throws {
        var unary: Set<String> = ["/grpc.health.v1.Health/Check"]
        var streaming: Set<String> = []
        let schemas = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/proto-v2"
        for name in try FileManager.default.contentsOfDirectory(atPath: schemas) where name.hasSuffix(".proto") {
            let text = try String(contentsOfFile: "\(schemas)/\(name)", encoding: .utf8)
            var (package, service) = ("", "")
            for line in text.split(separator: "\n") {
                if let match = line.firstMatch(of: /^package ([a-z0-9.]+);/) { package = String(match.1) }
                if let match = line.firstMatch(of: /^service ([A-Za-z]+)/) { service = String(match.1) }
                guard let match = line.firstMatch(of: /^ *rpc ([A-Za-z]+)\((stream )?[A-Za-z.]+\) *returns \((stream )?/) else {
                    continue
                }
                let path = "/\(package).\(service)/\(match.1)"
                if match.2 == nil, match.3 == nil { unary.insert(path) } else { streaming.insert(path) }
            }
        }
        #expect(streaming.contains("/pluginv2.Stream/RunStream"))
        #expect(unary.count > 10)
        #expect(UnaryMethods.all == unary)
    }
}
