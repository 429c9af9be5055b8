import Foundation
import Testing
import Translation

@testable import Gateway

@Suite struct ExplanationTests {
    private func explanation(_ plugin: Int) throws -> Explanation {
        try #require(try Explanation.all(host: 2, plugin: plugin).first)
    }

    @Test func `without versions everything that the gateway reaches is explained`() throws {
        let all = try Explanation.all(host: nil, plugin: nil)
        #expect(all.map(\.plugin) == [2, 1])
        #expect(all.map(\.mode) == ["relayed", "translated"])
        #expect(all.allSatisfy { $0.host == 2 })
    }

    @Test(
        arguments: [
            (9, nil, "usage", "1, 2, 3"), (2, 0, "usage", "1, 2, 3"), (2, -1, "usage", "1, 2, 3"),
            (2, 3, "unavailable", "version 2 or 1"),
            (1, nil, "unavailable", "--host 2"), (3, 2, "unavailable", "--host 2"),
        ] as [(Int, Int?, String, String)])
    func `a pair that cannot be is an error with a remedy`(host: Int, plugin: Int?, code: String, remedy: String) throws {
        let error = try #require(throws: GatewayError.self) { try Explanation.all(host: host, plugin: plugin) }
        #expect(error.code.name == code)
        #expect(error.remedy.contains(remedy), "\(error)")
    }

    @Test func `every field of every message is in each format`() throws {
        let explanation = try explanation(1)
        let text = explanation.terminalText(width: 120)
        let markdown = Explanation.markdown([explanation])
        let json = Explanation.json([explanation])
        for message in RuleBook.v2ToV1.messages {
            #expect(text.contains("\n\(message.name) ("), "\(message.name)")
            #expect(markdown.contains("\n### `\(message.name)` ("))
            for field in message.fields {
                #expect(markdown.contains("\n| \(field.number) | `\(field.name)` | `\(field.type)` | \(field.kind.rawValue) |"))
            }
        }
        #expect(try JSONDecoder().decode([Explanation].self, from: Data(json.utf8)) == [explanation])
        let words = text.split(whereSeparator: { $0 == " " || $0.isNewline }).joined(separator: " ")
        #expect(
            words.contains("1 login lost no field in v1; what helps: forward_metadata: [x-grafana-user-login]; may lose: no-home")
        )
    }

    @Test(arguments: [100, 120, 200])
    func `text for a terminal stays within its width`(width: Int) throws {
        for line in try explanation(1).terminalText(width: width).split(separator: "\n") where line.count > width {
            // Only a word that is longer than its column may stick out.
            #expect((line.split(separator: " ").last ?? "").count > 30, "\(line)")
        }
    }

    @Test func `Markdown tables have as many cells in each row as in their head`() throws {
        var columns: Int?
        for line in Explanation.markdown(try Explanation.all(host: nil, plugin: nil)).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            guard line.hasPrefix("|") else {
                columns = nil
                continue
            }
            let count = line.replacingOccurrences(of: "\\|", with: "").count { $0 == "|" }
            if let columns { #expect(count == columns, "\(line)") }
            columns = count
        }
    }

    @Test func `a relayed pair says that nothing is touched`() throws {
        let explanation = try explanation(2)
        #expect(explanation.reason == "host 2 → plugin 2: relayed")
        #expect(explanation.terminalText().contains("byte for byte"))
        #expect(explanation.messages.allSatisfy { $0.fields.allSatisfy { $0.rule == "carried" || $0.rule == "converted" } })
    }
}
