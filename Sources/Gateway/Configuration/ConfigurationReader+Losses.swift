internal import Translation
internal import Yams

extension ConfigurationReader {
    /// The key for every path that no other line names.
    private static let standard = "default"

    /// `plugins.<id>.losses`: paths (or their beginning with a `*`) and what becomes of a call that loses them.
    func losses(_ node: Node, _ name: String) throws(GatewayError) -> LossPolicies {
        var policies = LossPolicies()
        for (key, node) in try mapping(node, name) {
            let policy: LossPolicy
            do throws(ConfigurationValue.Mismatch) {
                policy = try value(node).choice(LossPolicy.allCases.map { ($0.rawValue, $0) })
            } catch {
                throw mismatch("\(name).\(DisplayText.plain(key.text))", node, key, error)
            }
            if key.text == Self.standard {
                policies.standard = policy
            } else if RuleBook.accepts(key.text) {
                policies.set(key.text, policy)
            } else {
                throw unknownPath(key, name)
            }
        }
        return policies
    }

    private func unknownPath(_ key: Key, _ name: String) -> GatewayError {
        let (problem, near) = RuleBook.v2ToV1.explanation(ofUnaccepted: key.text)
        let hint = near.isEmpty ? "" : "Did you mean \(near.joined(separator: " or "))? "
        return GatewayError(
            .configuration, "\(file):\(key.line): \(name): \(DisplayText.quoted(key.text)) \(problem)",
            remedy: "\(hint)Remove it or use a path that `plugin-gateway explain` lists as one that may be lost")
    }
}
